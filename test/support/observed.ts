import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';

// What deploy/ asks of Prometheus.

const DEPLOY = join(import.meta.dir, '../../deploy');

interface Dashboard {
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

export function dashboardExpressions(): string[] {
  const dashboard = JSON.parse(readFileSync(join(DEPLOY, 'grafana/hop.json'), 'utf8')) as Dashboard;
  return dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

export function alertRules(): Rule[] {
  const rules = Bun.YAML.parse(readFileSync(join(DEPLOY, 'prometheus/alerts.yaml'), 'utf8')) as Rules;
  return rules.groups.flatMap((group) => group.rules);
}

/** The metrics that an expression names, and the places where it is no PromQL. */
export function parsePromql(expression: string): { metrics: string[]; errors: number[] } {
  // Grafana puts a duration in place of its variable.
  const text = expression.replaceAll('$__rate_interval', '5m');
  const metrics: string[] = [];
  const errors: number[] = [];
  parser.parse(text).iterate({
    enter({ type, name, from, node }) {
      if (type.isError) errors.push(from);
      if (name === 'VectorSelector')
        metrics.push(text.slice(from, node.firstChild?.to).replace(/_(bucket|sum|count)$/, ''));
    },
  });
  return { metrics, errors };
}
