/** Where downloads and logins may connect to. */
export interface NetworkRules {
  /** Whether addresses that are not of the public internet are allowed: loopback, private networks, link-local. */
  readonly allowPrivate: boolean;
  /** Networks (CIDR), addresses and host names (`*.example.org` too) that are allowed although they are private. */
  readonly allow: readonly string[];
  /** The same, never allowed. */
  readonly deny: readonly string[];
}
