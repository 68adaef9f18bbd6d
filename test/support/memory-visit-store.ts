import type { ClassifiedVisit } from '../../src/visits/classified-visit.ts';
import type { JournalGap, RejectedVisit, VisitBatch, VisitStore } from '../../src/visits/visit-batch.ts';

/** A VisitStore with exactly the database's checkpoints, for tests that need no PostgreSQL. */
export class MemoryVisitStore implements VisitStore {
  readonly checkpoints = new Map<string, number>();
  visits: ClassifiedVisit[] = [];
  rejected: RejectedVisit[] = [];
  gaps: JournalGap[] = [];
  dropped = 0;
  droppedOrphans = 0;
  applied = 0;
  /** Throws what a database would, before anything is stored. */
  onCall: (call: 'lastSequences' | 'apply' | 'skip', batch?: VisitBatch) => void | Promise<void> = () => {};

  async lastSequences(journalIds: readonly string[]): Promise<Map<string, number>> {
    await this.onCall('lastSequences');
    for (const id of journalIds) if (!this.checkpoints.has(id)) this.checkpoints.set(id, 0);
    return new Map(journalIds.map((id) => [id, this.checkpoints.get(id) ?? 0]));
  }

  async apply(batch: VisitBatch): Promise<boolean> {
    await this.onCall('apply', batch);
    if (!this.#advance(batch)) return false;
    this.applied++;
    this.visits.push(...batch.visits);
    this.rejected.push(...batch.rejected);
    this.dropped += batch.dropped;
    this.droppedOrphans += batch.droppedOrphans;
    return true;
  }

  async skip(gap: JournalGap): Promise<boolean> {
    await this.onCall('skip');
    if (!this.#advance(gap)) return false;
    this.gaps.push(gap);
    return true;
  }

  /** The state to put back later, as a failover does that loses commits. */
  snapshot(): () => void {
    const [checkpoints, visits, gaps] = [new Map(this.checkpoints), [...this.visits], [...this.gaps]];
    return () => {
      this.checkpoints.clear();
      for (const [id, sequence] of checkpoints) this.checkpoints.set(id, sequence);
      [this.visits, this.gaps] = [visits, gaps];
    };
  }

  #advance({ journalId, firstSequence, lastSequence }: JournalGap): boolean {
    if (this.checkpoints.get(journalId) !== firstSequence - 1) return false;
    this.checkpoints.set(journalId, lastSequence);
    return true;
  }
}
