import type { Actor, Role } from '../policy/permissions.ts';

export interface Section {
  /** A message key. */
  readonly label: string;
  readonly href: string;
  /** A message key: under which heading it stands, where the area has headings. */
  readonly group?: string;
  /** Who sees it; left out: everyone in the area. */
  readonly roles?: readonly Role[];
}

/** The part of the shared shell that belongs to the portal, or to the console. */
export interface StaffArea {
  readonly via: 'portal' | 'console';
  /** Who may enter. */
  readonly roles: readonly Role[];
  readonly sections: readonly Section[];
  /** What `?done=` may say after a form: `<via>.done.<key>` in the catalogue. */
  readonly done: readonly string[];
}

/** Who is signed in, with the roles that hold at this request. */
export interface SignedInPerson extends Actor {
  readonly personId: string;
  readonly organizationId: string;
  readonly name: string;
  readonly organizationName: string;
  /** When she last showed her passkey. */
  readonly verifiedAt: Date;
  readonly beganAt: Date;
  /** The OpenID provider of her organization where her session began. */
  readonly providerId: string | null;
}

/** Where each area is, and whom it is for: the shell links from one to the other. */
export const areas = [
  { via: 'portal', home: '/developer', roles: ['owner', 'developer'] },
  { via: 'console', home: '/admin', roles: ['operator', 'reviewer', 'security_officer'] },
] as const satisfies readonly { via: StaffArea['via']; home: string; roles: readonly Role[] }[];

export const mayEnter = (roles: readonly Role[], held: readonly Role[]): boolean =>
  roles.some((role) => held.includes(role));

/** Where a person begins. */
export function homeOf({ roles }: Pick<Actor, 'roles'>): string {
  return areas.find((area) => mayEnter(area.roles, roles))?.home ?? '/staff';
}
