import type Router from '@koa/router';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import type { Role } from '../policy/permissions.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { type Field, filled, textIn } from '../staff/fields.ts';
import { formBody } from '../staff/form-body.ts';
import { type FormFaults, formFaults, withoutIndices } from '../staff/form-faults.ts';
import { requireFresh, requireRole } from '../staff/guard.ts';
import { type Crumb, renderStaff } from '../staff/render.ts';
import { seeOther } from '../web/see-other.ts';
import { type Visit, visitOf } from './visit.ts';

/** A page with one form, which gives one command. */
export interface FormPage<Subject> {
  readonly path: string;
  /** `console.form.<key>.title`, `.lead` and `.button`. */
  readonly key: string;
  readonly roles: readonly Role[];
  /** The passkey must have been shown a short while ago. */
  readonly serious?: boolean;
  readonly look?: 'primary' | 'danger';
  /** What the form is about; `values` are those that were sent. */
  open(visit: Visit, values: URLSearchParams): Promise<Subject>;
  /** The pages above; the last is where the form was come from. */
  crumbs(subject: Subject, visit: Visit): readonly Crumb[];
  /** For the texts of the page. */
  names?(subject: Subject, visit: Visit): Readonly<Record<string, string>>;
  fields(subject: Subject, visit: Visit): readonly Field[];
  /** What stands in the fields at first. */
  values?(subject: Subject): URLSearchParams;
  /** What must be known before it is sent. */
  notice?(subject: Subject, visit: Visit): string | undefined;
  /** What must be typed letter by letter before anything is done; undefined: that is not known yet. */
  confirm?(subject: Subject): string | undefined;
  /** Gives the command; answers where to go on, or shows a page itself. */
  send(values: URLSearchParams, subject: Subject, visit: Visit): Promise<string | undefined>;
  /** Which control a fault belongs to, where it has another name. */
  controlOf?(field: string): string;
}

export function formPage<Subject>(router: Router, deps: StaffDeps, page: FormPage<Subject>): void {
  router.get(page.path, async (ctx) => {
    requireRole(visitOf(deps, ctx).actor, page.roles);
    if (page.serious) requireFresh(ctx, FRESH_MINUTES);
    const visit = visitOf(deps, ctx);
    const subject = await page.open(visit, new URLSearchParams());
    show(page, visit, subject, page.values?.(subject) ?? new URLSearchParams(), noFaults);
  });

  router.post(page.path, async (ctx) => {
    requireRole(visitOf(deps, ctx).actor, page.roles);
    const values = formBody(deps.forms, ctx);
    if (page.serious) requireFresh(ctx, FRESH_MINUTES, ctx.url);
    const visit = visitOf(deps, ctx);
    const subject = await page.open(visit, values);
    const asked = page.confirm?.(subject);
    if (asked !== undefined && textIn(values, 'confirm') !== asked) {
      // Where it was not asked for yet, nothing is wrong.
      return show(page, visit, subject, values, values.has('confirm') ? notConfirmed(visit) : noFaults);
    }
    const sent = await attempt(page.send(values, subject, visit));
    if ('faults' in sent)
      return show(page, visit, subject, values, faultsOf(page, visit, subject, sent.faults));
    if (sent.result !== undefined) seeOther(ctx, sent.result);
  });
}

function show<Subject>(
  page: FormPage<Subject>,
  visit: Visit,
  subject: Subject,
  values: URLSearchParams,
  faults: FormFaults,
): void {
  const { ctx, words } = visit;
  const names = page.names?.(subject, visit) ?? {};
  const crumbs = page.crumbs(subject, visit);
  const say = (part: string) => words.t(`console.form.${page.key}.${part}`, names);
  const view = {
    ...{ title: say('title'), lead: say('lead'), button: say('button') },
    ...{ look: page.look ?? 'primary', notice: page.notice?.(subject, visit), faults },
    ...{ fields: filled(fieldsOf(page, visit, subject), values) },
    ...{ action: ctx.url, backUrl: crumbs.at(-1)?.href ?? '/admin' },
  };
  renderStaff(ctx, 'admin-form', view, { status: faults.all.length > 0 ? 422 : 200, crumbs });
}

function fieldsOf<Subject>(page: FormPage<Subject>, visit: Visit, subject: Subject): readonly Field[] {
  const { t, field } = visit.words;
  const fields = page.fields(subject, visit);
  const asked = page.confirm?.(subject);
  if (asked === undefined) return fields;
  const label = t('console.confirm.label', { text: asked });
  return [...fields, { ...field('text', 'confirm', { literal: true }), label }];
}

const noFaults: FormFaults = { all: [], of: () => [] };

function notConfirmed({ words: { t } }: Visit): FormFaults {
  const text = t('console.confirm.fault');
  return {
    all: [{ id: 'field-confirm', text }],
    of: (field) => (field === 'confirm' ? [text] : []),
  };
}

/** A fault of what the form has no control for is told all the same: above the fields. */
function faultsOf<Subject>(
  page: FormPage<Subject>,
  visit: Visit,
  subject: Subject,
  faults: readonly Fault[],
) {
  const fields = fieldsOf(page, visit, subject);
  const own = page.controlOf ?? withoutIndices;
  const fieldOf = (field: string) => fields.find(({ name }) => name === own(field));
  return formFaults(
    faults,
    visit.words.t,
    (field) => (fieldOf(field) ?? fields[0])?.name ?? 'none',
    (field) => fieldOf(field)?.label,
  );
}
