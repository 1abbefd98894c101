import { type Check, type CheckContext, type Finding, levels } from './finding.js';
import { migrations } from './migrations.js';
import { models } from './models.js';
import { overrides } from './overrides.js';
import { people } from './people.js';
import { reachable, schema } from './schema.js';
import {
  deployedAudit,
  deployedCookies,
  deployedDatabases,
  deployedEnvironment,
  deployedKeys,
  deployedPasswords,
  secretKey,
  tokenKeys,
} from './security.js';

const checks: readonly Check[] = [
  secretKey,
  tokenKeys,
  models,
  overrides,
  reachable,
  migrations,
  schema,
  deployedKeys,
  deployedPasswords,
  deployedDatabases,
  deployedEnvironment,
  deployedCookies,
  deployedAudit,
  people,
];

/** Tags of all checks, in order. */
export function checkTags({ deploy }: { readonly deploy: boolean }): string[] {
  return [...new Set(checks.filter((check) => deploy || !check.deploy).map(({ tag }) => tag))].toSorted();
}

export interface CheckOptions {
  /** Also those of a deployment. */
  readonly deploy?: boolean;
  /** Only those of these tags; by default all. */
  readonly tags?: readonly string[];
}

/** Runs checks, and resolves with what they find, the gravest first. */
export async function runChecks(
  context: CheckContext,
  { deploy = false, tags = [] }: CheckOptions = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    if (check.deploy && !deploy) continue;
    if (tags.length > 0 && !tags.includes(check.tag)) continue;
    findings.push(...(await check.run(context)));
  }
  return findings.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
}
