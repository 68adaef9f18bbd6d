import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler, type IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { type INetworkPolicy, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { type IPodDisruptionBudget, PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { type ISecret, type IService, Secret, Service } from 'kubernetes-models/v1';

const ROOT = join(import.meta.dir, '../..');
const MANIFESTS = join(ROOT, 'deploy/kubernetes');

/** The files of deploy/kubernetes, each of one object, by name. */
export interface Manifests {
  readonly 'deployment.yaml': IDeployment;
  readonly 'service.yaml': IService;
  readonly 'autoscaler.yaml': IHorizontalPodAutoscaler;
  readonly 'disruption-budget.yaml': IPodDisruptionBudget;
  readonly 'network-policy.yaml': INetworkPolicy;
  readonly 'secret.example.yaml': ISecret;
  readonly 'kustomization.yaml': Kustomization;
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
}

export type ManifestName = keyof Manifests;
export type KubernetesName = Exclude<ManifestName, 'kustomization.yaml'>;

const KINDS = {
  'deployment.yaml': { model: Deployment, module: 'apps/v1' },
  'service.yaml': { model: Service, module: 'v1' },
  'autoscaler.yaml': { model: HorizontalPodAutoscaler, module: 'autoscaling/v2' },
  'disruption-budget.yaml': { model: PodDisruptionBudget, module: 'policy/v1' },
  'network-policy.yaml': { model: NetworkPolicy, module: 'networking.k8s.io/v1' },
  'secret.example.yaml': { model: Secret, module: 'v1' },
} as const;

export const KUBERNETES_NAMES = Object.keys(KINDS) as KubernetesName[];

export function manifestFiles(): string[] {
  return readdirSync(MANIFESTS).sort();
}

export function readManifest<Name extends ManifestName>(name: Name): Manifests[Name] {
  return Bun.YAML.parse(readFileSync(join(MANIFESTS, name), 'utf8')) as Manifests[Name];
}

/** Throws what the schema of Kubernetes says against it; fields that do not exist it lets pass. */
export function validateManifest(name: KubernetesName): void {
  const data = readManifest(name);
  const { model } = KINDS[name];
  if (data.kind !== model.kind || data.apiVersion !== model.apiVersion) throw new Error(`${name} is no ${model.kind}`);
  new model(data as never).validate();
}

/**
 * What the type checker says of the manifests as literals of the types of Kubernetes, in which a field that does not
 * exist is an error. Writes into `folder`.
 */
export function typeErrors(folder: string): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const name of KUBERNETES_NAMES) writeFileSync(join(folder, `${name}.ts`), asTypeScript(name));
  const compilerOptions = { noEmit: true, strict: true, module: 'Preserve', types: [], skipLibCheck: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  return Bun.spawnSync([process.execPath, tsc, '-p', folder, '--pretty', 'false']).stdout.toString();
}

function asTypeScript(name: KubernetesName): string {
  const { model, module } = KINDS[name];
  const type = `import('kubernetes-models/${module}').I${model.kind}`;
  return `export const manifest: ${type} = ${JSON.stringify(readManifest(name), undefined, 1)};\n`;
}
