/** The most that the names and values of the fields of a message may hold, in bytes, and how many there may be: what a guest can hold. */
export const BYTES = 128 * 1024;
export const COUNT = 1024;

const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/** What may not be in a value, or is more than a byte. */
const unfit = /[^\t\x20-\x7e\x80-\xff]/;

/** Whether it is a token (RFC 9110, 5.6.2), as names of fields and methods are. */
export function isToken(name: string): boolean {
	return token.test(name);
}

/** Whether it can be the value of a field (RFC 9110, 5.5). */
export function isValue(value: string): boolean {
	return !unfit.test(value);
}

/** The authority of a request: a host, and perhaps a port (RFC 9110, 7.2), nothing else. */
export function isAuthority(text: string): boolean {
	return !/[\s\p{Cc}/\\?#@,%]/u.test(text);
}
