import type Router from '@koa/router';
import { may } from '../policy/permissions.ts';
import { reviewFor } from '../registry/review-facts.ts';
import { decideReview, listReviews } from '../registry/reviews.ts';
import { revisionDiff } from '../registry/revision-diff.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { choiceIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { above, aboveForm } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { listPage } from './list-page.ts';
import { reviewSections } from './review-sections.ts';
import { outcomeTag } from './review-tags.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';

const DECISIONS = [
  { path: 'approve', decision: 'approve', look: 'primary' },
  { path: 'ask-for-changes', decision: 'ask_for_changes', look: undefined },
  { path: 'refuse', decision: 'refuse', look: 'danger' },
] as const;

/** The queue, who waits longest first, and what was decided; a review with all that is to be known; the decision. */
export function reviewPages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: '/admin/reviews', key: 'reviews' },
    columns: ['app', 'organization', 'revision', 'submitted', 'approvals', 'state'],
    filters: ({ words }) => [words.choice('state', 'review-state', ['open', 'closed'])],
    actions: () => [],
    read: ({ registry, actor, ctx }, after) =>
      listReviews(registry, actor, {
        after,
        filter: { state: choiceIn(ctx, 'state', ['closed']) ?? 'open' },
      }),
    cells: (review, { words }) => [
      { text: review.appName, href: pathTo('reviews', review.id) },
      { text: review.organizationName, href: pathTo('organizations', review.organizationId) },
      { text: String(review.revisionNumber) },
      { text: words.day(review.submittedAt), quiet: review.submittedByName ?? undefined },
      {
        text: words.t('console.approvals', { count: review.approvals, needed: review.approvalsNeeded }),
      },
      outcomeTag(review, words),
    ],
  });

  router.get('/admin/reviews/:id', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const { registry, actor, words, id } = visit;
    const detail = await reviewFor(registry, actor, id);
    const diff = revisionDiff(detail.inForce, detail.revision);
    const view = {
      title: detail.revision.name,
      tags: [
        outcomeTag(detail.review, words),
        { text: words.t('console.revision-number', { number: detail.revision.number }), look: 'plain' },
      ],
      notices: noticesOf(visit, detail),
      sections: reviewSections(visit, detail, diff, decisionsFor(visit, detail.refusal)),
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('reviews', visit) });
  });

  for (const { path, decision, look } of DECISIONS) {
    formPage(router, deps, {
      ...{ path: `/admin/reviews/:id/${path}`, key: path, roles: ['reviewer'], serious: true },
      look: look === 'danger' ? 'danger' : 'primary',
      open: ({ registry, actor, id }) => reviewFor(registry, actor, id),
      crumbs: ({ review, revision }, visit) => aboveForm('reviews', revision.name, review.id, visit),
      names: ({ revision }) => ({ app: revision.name }),
      fields: (_, { words: { field } }) => [field('textarea', 'reason', { rows: 5 })],
      send: async (values, { review }, { registry, actor }) => {
        await decideReview(registry, actor, review.id, { decision, ...textsIn(values, ['reason']) });
        return `${pathTo('reviews', review.id)}?done=decided`;
      },
    });
  }
}

type Detail = Awaited<ReturnType<typeof reviewFor>>;

function decisionsFor({ words: { t }, id }: Visit, refusal: Detail['refusal']) {
  if (refusal !== undefined) return [];
  return DECISIONS.map(({ path, look }) => ({
    ...{ href: pathTo('reviews', id, path), label: t(`console.form.${path}.button`), look },
  }));
}

/** Why she may not decide it, in a sentence instead of the buttons; and what a reviewer must not overlook. */
function noticesOf({ words: { t }, actor }: Visit, { refusal, review, lookAlikes }: Detail) {
  const isReviewer = may(actor, 'review.decide', { organizationId: '' });
  const why =
    refusal === undefined || review.closedAt !== null
      ? []
      : [{ text: t(`console.may-not-decide.${isReviewer ? refusal : 'not_allowed'}`), look: 'warning' }];
  const alike =
    lookAlikes.length === 0
      ? []
      : [{ text: t('console.look-alikes', { count: lookAlikes.length }), look: 'warning' }];
  return [...why, ...alike];
}
