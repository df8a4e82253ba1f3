// How many minutes ago at most a passkey was shown for what gives access, shows a secret or cannot be undone (RFC 9470):
// the same on pages, at the management API and on the command line.

export const FRESH_MINUTES = 15;

/** For what speaks for an app in the name of its owner. */
export const FRESH_NOW_MINUTES = 5;
