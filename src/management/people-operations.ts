import { z } from 'zod';
import { roles } from '../policy/permissions.ts';
import { identifier } from '../registry/input.ts';
import { leaving } from '../registry/leaving.ts';
import { changePerson, endPerson, change as personChange } from '../registry/people.ts';
import { findPerson, listPeople } from '../registry/person-records.ts';
import { reviewFor } from '../registry/review-facts.ts';
import { decided, decideReview, listReviews } from '../registry/reviews.ts';
import { revisionDiff } from '../registry/revision-diff.ts';
import * as answers from './answers.ts';
import { operationsOf, pageSchema, paging, STEP_UP } from './operation.ts';
import { listedPerson, person } from './organization-answers.ts';
import { reviewDetail } from './review-answers.ts';

const people = operationsOf('people');
const reviews = operationsOf('reviews');

const personFilters = {
  ...{ organizationId: identifier.optional(), role: z.enum(roles).optional(), name: z.string().optional() },
  left: z.enum(['true', 'false']).optional(),
};
const reviewFilters = {
  state: z.enum(['open', 'closed']).optional(),
  ...{ appId: identifier.optional(), organizationId: identifier.optional() },
};

export const peopleOperations = [
  people.get('findMe', '/me', {
    summary: 'Whose token it is, and what she may do now',
    answer: z.object({
      personId: answers.maybe(answers.id),
      organizationId: answers.maybe(answers.id),
      roles: z.array(z.string()).readonly(),
    }),
    run: async ({ actor }) => actor,
  }),
  people.get('listPeople', '/people', {
    summary: 'People of your organization, or of all where you oversee them, by name',
    ...{ query: z.strictObject({ ...personFilters, ...paging }), answer: pageSchema(listedPerson) },
    run: ({ deps, actor, query: { after, limit, left, ...filter } }) =>
      listPeople(deps, actor, { filter: { ...filter, left: left === 'true' }, after, limit }),
  }),
  people.get('findPerson', '/people/{personId}', {
    ...{ summary: 'One person, her roles and what she answers for', answer: person },
    run: ({ deps, actor, at }) => findPerson(deps, actor, at('personId')),
  }),
  people.patch('changePerson', '/people/{personId}', {
    ...{ summary: 'Changes what is named', body: personChange },
    run: ({ deps, actor, at, body }) => changePerson(deps, actor, at('personId'), body),
  }),
  people.post('endPerson', '/people/{personId}/leave', {
    summary: 'Her work ends, now or at an instant to come: apps are handed over, or have no owner then',
    body: leaving,
    run: ({ deps, actor, at, body }) => endPerson(deps, actor, at('personId'), body),
  }),
  reviews.get('listReviews', '/reviews', {
    summary: 'Open ones, who waits longest first; closed ones, the latest first',
    ...{ query: z.strictObject({ ...reviewFilters, ...paging }), answer: pageSchema(answers.review) },
    run: ({ deps, actor, query: { after, limit, ...filter } }) =>
      listReviews(deps, actor, { filter, after, limit }),
  }),
  reviews.get('findReview', '/reviews/{reviewId}', {
    ...{
      summary: 'What a reviewer must see, with the differences to what is in force',
      answer: reviewDetail,
    },
    run: async ({ deps, actor, at, explained }) => {
      const found = await reviewFor(deps, actor, at('reviewId'));
      const { refusal = null, inForce, revision } = found;
      return { ...explained(found), refusal, diff: revisionDiff(inForce, revision) };
    },
  }),
  reviews.post('decideReview', '/reviews/{reviewId}/decisions', {
    summary: 'Approves, asks for changes or refuses; nobody decides on what their own organization asked for',
    body: decided,
    ...{ answer: z.object({ closed: z.boolean(), outcome: answers.maybe(z.string()) }), ...STEP_UP },
    run: ({ deps, actor, at, body }) => decideReview(deps, actor, at('reviewId'), body),
  }),
];
