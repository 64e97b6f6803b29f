/**
 * Whether a name leads to this machine, whoever resolves it: what is sent there passes no wire.
 *
 * @param hostname in small letters, as a URL has it
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}
