// Scopes at their limit: 2,048 characters, and what is beyond it.
import { consentRequest } from '../../src/smart/consent-choices.ts';
import { formatScopes, MAX_SCOPE_LENGTH, parseScopes } from '../../src/smart/scope.ts';
import { negotiate } from '../../src/smart/scope-negotiation.ts';
import type { Bench } from './bench.ts';
import { compareFunctions, type FunctionContender } from './in-process.ts';

export const bench: Bench = async () => compareFunctions(contenders());

function contenders(): readonly FunctionContender[] {
  const system = 'http://terminology.hl7.org/CodeSystem/observation-category';
  const parts: string[] = [];
  for (let index = 0; parts.join(' ').length < MAX_SCOPE_LENGTH - 120; index += 1) {
    parts.push(`patient/Observation.rs?category=${system}|kind-${index}`);
  }
  const text = parts.join(' ');
  const huge = `${text} `.repeat(5_000);
  const { scopes: ceiling } = parseScopes('patient/*.cruds');
  const { scopes } = parseScopes(text);
  return [
    { name: `split ${text.length} characters at spaces`, run: () => text.split(' ') },
    { name: 'parse', run: () => parseScopes(text) },
    { name: 'parse and format', run: () => formatScopes(parseScopes(text).scopes) },
    { name: 'negotiate with a ceiling', run: () => negotiate(scopes, ceiling) },
    {
      name: 'parse, negotiate and lay out the consent',
      run: () => consentRequest(negotiate(parseScopes(text).scopes, ceiling).accepted),
    },
    { name: `refuse ${huge.length} characters`, run: () => parseScopes(huge) },
  ];
}
