import type { Translate } from '../web/messages.ts';
import { type Draft, scopesIn } from './revision-draft.ts';
import {
  BESIDES,
  BUILDER_ROWS,
  type BuilderLevel,
  type BuilderRow,
  LEVELS,
  levelOf,
  scopesOf,
  tickedBoxes,
} from './scope-builder.ts';

export const builderLevel = (draft: Draft): BuilderLevel =>
  LEVELS.find((level) => level === draft.get('builder.level')) ?? levelOf(scopesIn(draft));

/** The boxes of the builder as they stand for the scopes in the text, each with what the patient will read. */
export function builderView(draft: Draft, t: Translate) {
  const level = builderLevel(draft);
  const ticked = tickedBoxes(scopesIn(draft), level);
  const box = (value: string) => ({ value, checked: ticked.has(value) });
  const row = ({ key, within, view, change }: BuilderRow) => ({
    key,
    part: within !== null,
    name: t(`scope.${key}.name`),
    what: t(`scope.${key}.what`),
    view: box(view),
    change: change === null ? null : box(change),
  });
  const wanted = new Set(draft.getAll('useCase.categories'));
  const isNear = ({ key, within, view, change }: BuilderRow) =>
    wanted.has('everything') ||
    [key, within ?? ''].some((name) => wanted.has(name)) ||
    [view, change ?? ''].some((name) => ticked.has(name));
  return {
    level,
    levels: LEVELS.map((value) => ({
      value,
      label: t(`developer.builder.level.${value}`),
      selected: value === level,
    })),
    besides: BESIDES.map(([value, scope]) => ({
      ...box(value),
      code: scope,
      label: t(`developer.builder.beside.${value}`),
    })),
    near: BUILDER_ROWS.filter(isNear).map(row),
    others: BUILDER_ROWS.filter((one) => !isNear(one)).map(row),
  };
}

/** The draft with its scopes written anew from the boxes. */
export function withBuiltScopes(draft: Draft): Draft {
  const built = new URLSearchParams(draft);
  const boxes = new Set(draft.getAll('builder.box'));
  built.set('scopeCeiling', scopesOf(boxes, builderLevel(draft), scopesIn(draft)));
  return built;
}
