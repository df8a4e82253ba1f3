// What the list of colleagues and the page of one share.

export const COLLEAGUES = '/developer/people';
/** What an owner may give. */
export const VENDOR_ROLES = ['owner', 'developer'] as const;
