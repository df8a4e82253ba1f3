// Lists are read page by page along their order (keyset): a page costs the same however far it is.

export interface Paging {
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Null: it was the last page. */
  readonly next: string | null;
}

const LIMIT = 50;
const MOST = 200;

export const limitOf = ({ limit = LIMIT }: Paging): number =>
  Math.min(MOST, Math.max(1, Math.trunc(limit) || LIMIT));

/** Where a row stands in the order of its list. */
export const cursorOf = (place: readonly string[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** Undefined: no cursor of a list in which a place has so many parts. */
export function placeOf(cursor: string, parts: number): readonly string[] | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const fits =
      Array.isArray(place) &&
      place.length === parts &&
      place.every((part) => typeof part === 'string' && !part.includes('\0'));
    return fits ? place : undefined;
  } catch {
    return undefined;
  }
}

/** From one row more than the page holds. */
export function pageOf<Row>(
  found: readonly Row[],
  limit: number,
  placeOfRow: (row: Row) => readonly string[],
): Page<Row> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last !== undefined ? cursorOf(placeOfRow(last)) : null };
}
