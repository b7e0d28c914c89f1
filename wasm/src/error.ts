/** What went wrong, as a caller would sort it: it decides the HTTP status and the exit code. */
export type ErrorKind = 'invalid' | 'missing' | 'refused' | 'conflict' | 'limit' | 'failed';

type Row = readonly [kind: ErrorKind, message: string, remedy: string];

/** The names between braces in a template, each an argument to give. */
type Args<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
	? {readonly [Key in Name]: string | number} & Args<Rest>
	: unknown;

type Make<R extends Row> =
	unknown extends Args<`${R[1]}${R[2]}`>
		? (options?: ErrorOptions) => ForgeError
		: (args: Args<`${R[1]}${R[2]}`>, options?: ErrorOptions) => ForgeError;

/** What an error has of every copy of this package: a plugin may bring its own. */
const mark = Symbol.for('forgeone.error');

/** An error with a stable code, a message of one line, and what to do about it. */
export class ForgeError extends Error {
	// biome-ignore-start lint/complexity/noThisInStatic: this is the class that is asked for, which may be one made of this.
	static override [Symbol.hasInstance](value: unknown): boolean {
		return this === ForgeError ? Object(value)[mark] === true : Function.prototype[Symbol.hasInstance].call(this, value);
	}
	// biome-ignore-end lint/complexity/noThisInStatic: the same

	override readonly name = 'ForgeError';
	readonly code: string;
	readonly kind: ErrorKind;
	readonly remedy: string;

	constructor(code: string, kind: ErrorKind, message: string, remedy: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
		this.kind = kind;
		this.remedy = remedy;
	}

	get [mark](): true {
		return true;
	}
}

/** The message of whatever was thrown, on one line. */
export function reasonOf(error: unknown): string {
	return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

/** The longest that one argument may be inside a message; names come from guests. */
const LONGEST = 200;

const control = /\p{Cc}|\p{Cf}|[\u2028\u2029]/gu;

function oneLine(value: string | number): string {
	const text = String(value).replace(control, char => `\\u{${char.codePointAt(0)?.toString(16)}}`);
	return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
}

function fill(template: string, args: Readonly<Record<string, string | number>>): string {
	return template.replace(/\{(\w+)\}/g, (_, name: string) => oneLine(args[name] ?? ''));
}

/** Makes the constructors of a package's errors from its one table of codes: `[kind, message, remedy]`, arguments in braces. */
export function errorTable<const Table extends Readonly<Record<`FORGE_${string}`, Row>>>(
	table: Table,
): {readonly [Code in keyof Table]: Make<Table[Code] & Row>} {
	const makers = Object.entries(table).map(([code, [kind, message, remedy]]) => {
		const make = (first?: object, second?: ErrorOptions): ForgeError => {
			const templated = /\{\w+\}/.test(message + remedy);
			const args = (templated ? first : {}) as Record<string, string | number>;
			const options = (templated ? second : first) as ErrorOptions | undefined;
			return new ForgeError(code, kind, fill(message, args), fill(remedy, args), options);
		};
		return [code, make];
	});
	// The entries were made from the table's own keys, which TypeScript cannot follow through Object.fromEntries.
	return Object.fromEntries(makers);
}
