import type { Database } from '../../src/db/database.ts';

export interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  /** As many as PostgreSQL expects. */
  readonly 'Plan Rows': number;
  readonly Plans?: readonly Plan[];
}

/** A database that tells how PostgreSQL goes about each statement before it runs it. */
export class Planner {
  readonly plans: Plan[] = [];
  readonly #database: Pick<Database, 'run'>;

  constructor(database: Pick<Database, 'run'>) {
    this.#database = database;
  }

  run: Database['run'] = async (name, statement, options) => {
    const [row] = await this.#database.run(
      name,
      (sql) => sql<{ 'QUERY PLAN': { Plan: Plan }[] }[]>`
        explain (format json) ${statement(sql) as unknown as ReturnType<typeof sql>}`,
      options,
    );
    const plan = row?.['QUERY PLAN'][0]?.Plan;
    if (plan !== undefined) this.plans.push(plan);
    return this.#database.run(name, statement, options);
  };

  /** Every step of the plans on the relations named so, or on an index of theirs. */
  stepsOn(relations: RegExp): Plan[] {
    return this.plans
      .flatMap(steps)
      .filter((step) => relations.test(step['Relation Name'] ?? '') || relations.test(step['Index Name'] ?? ''));
  }

  /** The same in words, as `Index Scan short_urls_pkey`; without an index `Seq Scan on short_urls`. */
  scansOf(relations: RegExp): string {
    return this.stepsOn(relations).map(nameOf).join(', ');
  }
}

function nameOf(step: Plan): string {
  return `${step['Node Type']} ${step['Index Name'] ?? `on ${step['Relation Name']}`}`;
}

function steps(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(steps)];
}
