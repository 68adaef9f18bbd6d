import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VARIABLE_NAMES } from '../../src/config/variables.ts';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/observability/log.ts';
import { startAdmin } from '../../src/supervisor/admin.ts';
import { KUBERNETES_NAMES, manifestFiles, readManifest, typeErrors, validateManifest } from '../support/kubernetes.ts';

const folder = mkdtempSync(join(tmpdir(), 'hop-kubernetes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dockerfile = readFileSync(join(import.meta.dir, '../../Dockerfile'), 'utf8');
const deployment = readManifest('deployment.yaml');
const pod = deployment.spec?.template;
const [container] = pod?.spec?.containers ?? [];
const ports = new Map(container?.ports?.map(({ name, containerPort }) => [name, containerPort]));
const probes = [container?.startupProbe, container?.livenessProbe, container?.readinessProbe];
const labels = { 'app.kubernetes.io/name': 'hop' };

test.each(KUBERNETES_NAMES)('%s fits the schema of Kubernetes', (name) => {
  expect(() => validateManifest(name)).not.toThrow();
});

test('no manifest has a field that Kubernetes does not know', () => {
  expect(typeErrors(folder)).toBe('');
});

test('each manifest is applied, but for the example of a Secret', () => {
  const { resources, images } = readManifest('kustomization.yaml');
  const others = ['kustomization.yaml', 'secret.example.yaml'];
  expect(manifestFiles()).toEqual([...resources, ...others].sort());
  expect(images.map(({ name }) => name)).toEqual([container?.image ?? '']);
});

test('the variables exist, and hop accepts their values', () => {
  const names = container?.env?.map(({ name }) => name) ?? [];
  expect(names.filter((name) => !VARIABLE_NAMES.includes(name as never))).toEqual([]);
  expect(config()).toMatchObject({ WEB_CONCURRENCY: 1, ADMIN_HOST: '0.0.0.0' });
});

test('secrets come from keys that the example has', () => {
  const { stringData, metadata } = readManifest('secret.example.yaml');
  const references = container?.env?.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []) ?? [];
  expect(references.map(({ key }) => key)).toEqual(Object.keys(stringData ?? {}));
  for (const { name } of references) expect(name).toBe(metadata?.name);
});

test('ports are those on which hop listens, and all that is said of ports leads to them', () => {
  const variables: Readonly<Record<string, unknown>> = config();
  const [http, admin] = [Number(variables.PORT), Number(variables.ADMIN_PORT)];
  expect([...ports]).toEqual([
    ['http', http],
    ['admin', admin],
  ]);
  expect(pod?.metadata?.annotations?.['prometheus.io/port']).toBe(String(admin));
  expect(probes.map((probe) => probe?.httpGet?.port)).toEqual(['admin', 'admin', 'admin']);
  expect(readManifest('service.yaml').spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['http']);
  const ingress = readManifest('network-policy.yaml').spec?.ingress ?? [];
  expect(ingress.flatMap((rule) => rule.ports ?? []).map(({ port }) => port)).toEqual(['http', 'admin']);
});

test('probes and Prometheus ask for what the admin port answers', async () => {
  const readiness = () => ({ isReady: true, reasons: [] });
  const metrics = async () => '';
  const admin = startAdmin({ hostname: '127.0.0.1', port: 0, metrics, readiness, log: createLogger('silent') });
  const scraped = pod?.metadata?.annotations?.['prometheus.io/path'];
  for (const path of [...probes.map((probe) => probe?.httpGet?.path), scraped]) {
    expect((await fetch(`http://127.0.0.1:${admin.port}${path}`)).status).toBe(200);
  }
  await admin.stop();
});

test('everything that chooses pods chooses these', () => {
  expect(pod?.metadata?.labels).toEqual(labels);
  expect(deployment.spec?.selector.matchLabels).toEqual(labels);
  expect(readManifest('service.yaml').spec?.selector).toEqual(labels);
  expect(readManifest('disruption-budget.yaml').spec?.selector?.matchLabels).toEqual(labels);
  expect(readManifest('network-policy.yaml').spec?.podSelector?.matchLabels).toEqual(labels);
  const { kind, metadata } = deployment;
  expect(readManifest('autoscaler.yaml').spec?.scaleTargetRef).toMatchObject({ kind, name: metadata?.name });
});

test('a pod is given the time that hop takes to end', () => {
  const { DRAIN_DELAY, DRAIN_TIMEOUT } = config();
  const graceMs = 1000 * (pod?.spec?.terminationGracePeriodSeconds ?? 0);
  expect(graceMs).toBeGreaterThanOrEqual(DRAIN_DELAY + DRAIN_TIMEOUT + 5_000);
});

test('user and folder are those of the image, and the folder holds a full journal', () => {
  const { runAsUser, runAsGroup } = pod?.spec?.securityContext ?? {};
  expect(dockerfile).toContain(`USER ${runAsUser}:${runAsGroup}\n`);
  const [mount] = container?.volumeMounts ?? [];
  expect(dockerfile).toContain(`DATA_DIR=${mount?.mountPath}\n`);
  const volume = pod?.spec?.volumes?.find(({ name }) => name === mount?.name);
  expect(gibibytes(volume?.emptyDir?.sizeLimit)).toBeGreaterThan(config().JOURNAL_MAX_BYTES);
});

/** The configuration of a pod. */
function config() {
  const given = container?.env?.map(({ name, value }) => [name, value ?? SECRETS[name]] as const) ?? [];
  return loadConfig(Object.fromEntries(given), { embedded: false });
}

/** Stand for what the Secret holds. */
const SECRETS: Readonly<Record<string, string | undefined>> = readManifest('secret.example.yaml').stringData ?? {};

function gibibytes(quantity: unknown): number {
  const [, count] = /^(\d+)Gi$/.exec(String(quantity)) ?? [];
  return Number(count) * 2 ** 30;
}
