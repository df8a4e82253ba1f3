/**
 * The edition of the words in which scopes are put to patients (messages `scope.*`, in all languages): kept with what they
 * agreed to. Whoever changes a wording makes a new one; test/web/wording.test.ts knows all there ever were.
 */
export const WORDING_EDITION = '1';
