import { commandLine } from '../policy/permissions.ts';
import { reviewFor } from '../registry/review-facts.ts';
import { DECISIONS, decideReview, listReviews } from '../registry/reviews.ts';
import { revisionDiff } from '../registry/revision-diff.ts';
import { type Command, JSON_OPTION, printList } from './command.ts';
import { PERSON_OPTION, personWithPasskey } from './person-token.ts';

export const reviewCommands: readonly Command[] = [
  {
    words: 'review list',
    about: 'Lists reviews: open ones, who waits longest first, or closed ones, the latest first.',
    options: { closed: { about: 'those that were decided' }, ...JSON_OPTION },
    run(deps, args, output) {
      const filter = { state: args.isSet('closed') ? 'closed' : 'open' } as const;
      return printList(output, args, (paging) => listReviews(deps, commandLine, { ...paging, filter }), [
        ['id', ({ id }) => id],
        ['app', ({ appName }) => appName],
        ['revision', ({ revisionNumber }) => revisionNumber],
        ['organization', ({ organizationName }) => organizationName],
        ['submitted', ({ submittedAt }) => submittedAt],
        ['approvals', ({ approvals, approvalsNeeded }) => `${approvals} of ${approvalsNeeded}`],
        ['outcome', ({ outcome }) => outcome],
      ]);
    },
  },
  {
    words: 'review show',
    about: 'Shows what a reviewer must see, with the differences to what is in force, as JSON.',
    ...{ given: ['review'], options: JSON_OPTION },
    async run(deps, args, { write }) {
      const found = await reviewFor(deps, commandLine, args.given(0));
      const diff = revisionDiff(found.inForce, found.revision);
      await write(`${JSON.stringify({ ...found, diff }, null, 2)}\n`);
      return 0;
    },
  },
  {
    words: 'review decide',
    about: 'Approves, asks for changes or refuses, as the reviewer whose token is given.',
    given: ['review'],
    options: {
      decision: { value: '<decision>', about: 'which', required: true, choices: DECISIONS },
      reason: { value: '<text>', about: 'why: its people read it', required: true },
      ...{ ...PERSON_OPTION, ...JSON_OPTION },
    },
    async run(deps, args, { print }) {
      const actor = await personWithPasskey(deps, args);
      const input = { decision: args.text('decision'), reason: args.text('reason') };
      const decided = await decideReview(deps, actor, args.given(0), input);
      if (args.isSet('json')) print(JSON.stringify(decided));
      else print(decided.closed ? `Closed: ${decided.outcome}.` : 'Another reviewer must approve too.');
      return 0;
    },
  },
];
