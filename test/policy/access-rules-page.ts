// docs/access-rules.md, from the rules themselves: of each the facts that it looks at, and what it says of them.
import { refusals } from '../../src/errors.ts';
import { type AccessFacts, access } from '../../src/policy/access.ts';
import { ROLE_PURPOSES } from '../../src/policy/exchange.ts';
import { explainRule } from '../../src/policy/explain.ts';
import type { Rule } from '../../src/policy/rules.ts';
import { BY_CHOICE_ALONE, SENSITIVE_CODES } from '../../src/policy/sensitivity.ts';
import { accessChanges, accessFacts, exportFacts } from './access-facts.ts';
import { NOW } from './facts.ts';

const INTRODUCTION = `# The rules of a decision

Generated from \`src/policy/access.ts\` by \`npm run access-rules\`: a test fails when it is not what the code says.

Each request to a FHIR server is decided by this list, in this order: the first rule that does not hold refuses, and its
name is the reason in the audit. The rules up to \`scopes_stopped\`, and \`audience_foreign\`, are the very rules of
introspection. A resource server hears the OAuth error of the rule, not its name. What is permitted comes with obligations
(filter, redact, log), see [decisions.md](decisions.md).

A table has the facts that its rule looks at, each with the values of the tests, and one line for each combination of them.
Instants are told from *now*. \`request.labels\` are security labels; \`not told\` is what a resource server leaves out.
`;

const everyCase: readonly AccessFacts[] = [
  accessFacts,
  exportFacts,
  ...accessChanges.map(([, change]) => ({ ...accessFacts, ...change })),
];

export function accessRulesPage(): string {
  return [INTRODUCTION, LABELS, tableOf(labels), ROLES, tableOf(roles), ...access.map(sectionOf)].join('\n');
}

const LABELS = `## What security labels set apart

DS4P: codes of v3-ActCode, and R and V of v3-Confidentiality; a confidentiality that nobody knows counts as V, any other label
sets nothing apart, and a resource with no label of these counts as unlabelled. Each also as STU3 and CDA (OID) spell its
system, or without a system. The patient's choice is her whole record (\`patient/*\`), the one choice of the consent page that holds
it. \`POSTERN_SENSITIVE_PURPOSES\` names the purposes that are enough where a choice is not needed.
`;

const labels = [
  ['set apart', 'labels', 'disclosed'],
  ...[
    ...Object.entries(SENSITIVE_CODES),
    ['restricted', ['R']] as const,
    ['very_restricted', ['V']] as const,
  ].map(([name, codes]) => [
    name,
    codes.join(', '),
    BY_CHOICE_ALONE.some((one) => one === name)
      ? 'by choice alone'
      : 'by choice, or for a purpose that is enough',
  ]),
];

const ROLES = `## What a calling service may ask for

By \`context.caller_role\`: these purposes of use, and those that they include.
`;

const roles = [
  ['role', 'purposes'],
  ...Object.entries(ROLE_PURPOSES).map(([role, purposes]) => [`\`${role}\``, purposes.join(', ')]),
];

function tableOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [rowOf(head), rowOf(head.map(() => '---')), ...rows.map(rowOf), ''].join('\n');
}

function sectionOf(rule: Rule<AccessFacts>): string {
  const [name] = rule;
  const { error, status, text } = refusals[name];
  const outcomes = everyCase.map((facts) => explainRule(rule, facts));
  const paths = [...new Set(outcomes.flatMap(({ facts }) => Object.keys(facts)))];
  const lines = outcomes.map(({ facts, holds }) => [
    ...paths.map((path) => (path in facts ? shown(facts[path]) : 'not looked at')),
    holds ? 'holds' : '**refuses**',
  ]);
  const unlike = [...new Map(lines.map((line) => [line.join('|'), line])).values()];
  // What holds first, so that what refuses stands together.
  const sorted = [...unlike].sort((a, b) => Number(a.at(-1) !== 'holds') - Number(b.at(-1) !== 'holds'));
  const columns = [...paths.map((path) => `\`${path}\``), 'outcome'];
  return [`## ${name}\n`, `\`${error}\`, ${status}: ${text}.\n`, tableOf([columns, ...sorted])].join('\n');
}

const rowOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function shown(value: unknown): string {
  if (value instanceof Date) return instant(value);
  if (value === undefined) return 'not told';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function instant(at: Date): string {
  const ms = at.getTime() - NOW.getTime();
  if (ms === 0) return 'now';
  const amount = Math.abs(ms) % 1_000 === 0 ? `${Math.abs(ms) / 1_000} s` : `${Math.abs(ms)} ms`;
  return `${amount} ${ms < 0 ? 'before' : 'after'}`;
}
