/** Links made of what somebody typed. All of it is the address: a `?` or `&` in it adds nothing to the message. */
export function mailLink(address: string): string {
  return `mailto:${encodeURIComponent(address.trim()).replaceAll("%40", "@")}`;
}
