// What the list of colleagues and the page of one share.

export const COLLEAGUES = '/developer/people';
export const FRESH_MINUTES = 15;
/** What an owner may give. */
export const VENDOR_ROLES = ['owner', 'developer'] as const;
