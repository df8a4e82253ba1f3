// Whoever holds a signed statement checks it with the published keys: on any machine, without this server's database.
import { verifyStatement } from '../audit/signed-statement.ts';
import { verifyEvidence } from '../registry/campaign-evidence.ts';
import { OFFBOARDING_RECEIPT } from '../registry/offboarding-proof.ts';
import { JSON_OPTION, type LoneCommand } from './command.ts';
import { KEY_OPTIONS, keysOf, textOf } from './published-keys.ts';

export const statementCommands: readonly LoneCommand[] = [
  {
    words: 'receipt verify',
    about:
      'Checks the signature of a receipt, with a file of published keys or those of an issuer, and prints what it says.',
    given: ['file'],
    options: KEY_OPTIONS,
    async runAlone(deps, args, output) {
      const jws = (await textOf(args.given(0))).trim();
      const jwks = await keysOf(deps, args);
      const stated = await verifyStatement(jwks, jws, OFFBOARDING_RECEIPT);
      if (stated === undefined) {
        output.print(
          'This is not a receipt that one of these keys has signed while it was in use, or it was changed.',
        );
        return 1;
      }
      output.print(JSON.stringify(stated, null, 2));
      return 0;
    },
  },
  {
    words: 'attestations verify',
    about:
      'Checks exported evidence with a file of published keys or those of an issuer: its signature, and that every answer is about the snapshot beside it.',
    given: ['file'],
    options: { ...KEY_OPTIONS, ...JSON_OPTION },
    async runAlone(deps, args, { print }) {
      const jws = await textOf(args.given(0));
      const evidence = await verifyEvidence(await keysOf(deps, args), jws);
      if (args.isSet('json')) print(JSON.stringify({ valid: evidence !== undefined, ...evidence }));
      else if (evidence === undefined) print('NOT VALID: it was changed, or none of our keys signed it.');
      else {
        const { iss, iat, campaign, apps } = evidence;
        const signed = new Date(iat * 1_000).toISOString();
        print(`Valid: campaign ${campaign.id} with ${apps.length} apps, signed by ${iss} at ${signed}.`);
      }
      return evidence === undefined ? 1 : 0;
    },
  },
];
