/**
 * What a consent shared in a minute, by the last amendment until then; NULL: what was granted. `minute` is when it began:
 * what was amended within it holds from the next one on.
 */
export const scopeAmended = (grantId: string, minute: string): string => `(
  SELECT m.scope FROM consent_amendment m WHERE m.grant_id = ${grantId} AND m.amended_at <= ${minute}
  ORDER BY m.number DESC LIMIT 1)`;
