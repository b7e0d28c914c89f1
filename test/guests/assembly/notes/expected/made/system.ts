// What the compiler asks for, for the world demo:notes/notes@1.0.0. Made by forge bindgen: changes are lost when it is made again.
// @ts-nocheck

/** What the compiler calls when a check fails. There is nowhere to write the message. */
export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
	unreachable();
}

/** The seed of `Math.random`: fixed, as this world imports no randomness. */
export function seed(): f64 {
	return 1;
}
