// In SQL, time is the database's plus this offset: 0 outside tests, which move Date by the same offset.
export interface Clock {
  offsetMs: number;
}

export const systemClock = (): Clock => ({ offsetMs: 0 });

/** The SQL for "now", with the offset as parameter number `n`. */
export const sqlNow = (n: number): string => `(now() + $${n}::bigint * interval '1 millisecond')`;
