export interface HealthCheckOptions {
  /** Rejects when the database does not answer. */
  readonly ping: () => Promise<void>;
  /** False until the database has been reached and its schema is there. */
  readonly isReady: () => boolean;
}

/** Whoever asks for the health wants an answer sooner than a statement is given up. */
const ANSWER_WITHIN_MS = 1_000;

/** Whether hop can do its work. Anybody may ask, so that any number of questions at once cost one statement. */
export class HealthCheck {
  readonly #options: HealthCheckOptions;
  #asking: Promise<boolean> | undefined;

  constructor(options: HealthCheckOptions) {
    this.#options = options;
  }

  /** Resolves within ANSWER_WITHIN_MS; never rejects. */
  async passes(): Promise<boolean> {
    if (!this.#options.isReady()) return false;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  async #ask(): Promise<boolean> {
    const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), ANSWER_WITHIN_MS);
    const answered = this.#options.ping().then(
      () => true,
      () => false,
    );
    return await Promise.race([answered, tooLate]).finally(() => clearTimeout(timer));
  }
}
