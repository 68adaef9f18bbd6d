import { expect, test } from 'bun:test';
import { alertRules, dashboardExpressions, parsePromql } from '../support/observed.ts';

test('the dashboard and the alerts are PromQL', () => {
  const [shown, alerting] = [dashboardExpressions(), alertRules().map(({ expr }) => expr)];
  expect([shown.length > 30, alerting.length > 8]).toEqual([true, true]);
  for (const expression of [...shown, ...alerting])
    expect({ expression, ...parsePromql(expression) }).toMatchObject({ errors: [] });
  expect(parsePromql('rate(hop_x[5m)').errors).not.toEqual([]);
});

test('alerts come with what to tell people', () => {
  for (const { alert, labels, annotations } of alertRules()) {
    expect(alert).toStartWith('Hop');
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
  }
});
