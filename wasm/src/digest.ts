/** The SHA-256 of bytes or of text, in hexadecimal digits. Node's cryptography is loaded by the first: a client of a daemon needs none. */
export const digest = (data: Uint8Array | string): string => process.getBuiltinModule('node:crypto').hash('sha256', data);
