import type {RawFields} from '../http/heads.ts';
import {BYTES, COUNT, isToken} from '../http/syntax.ts';

/** A name and a value of `fields`. */
export type Field = [name: string, value: Uint8Array];

/** Fields that are the connection's, which a guest may neither read nor write (those that Wasmtime forbids). */
const forbidden = new Set([
	...['connection', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authorization'],
	...['proxy-connection', 'te', 'transfer-encoding', 'upgrade'],
]);

const key = (name: string): string => name.toLowerCase();

/** Throws the `header-error` of what can not be the name of a field. */
function checkName(name: string): void {
	if (!isToken(name)) throw {tag: 'invalid-syntax'};
	if (forbidden.has(key(name))) throw {tag: 'forbidden'};
}

/** The value of a field as text. Throws the `header-error` of what can not be one (RFC 9110, 5.5). */
function textOf(value: Uint8Array): string {
	for (const byte of value) if (byte !== 9 && (byte < 32 || byte === 127)) throw {tag: 'invalid-syntax'};
	// Of a copy in what many share: to have a view of few bytes, V8 would first move them into a buffer of their own.
	return Buffer.from(value).toString('latin1');
}

const bytesOf = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'));

/** `wasi:http/types` `fields`: names are equal whatever their case, and keep the case and the order in which they came. */
export class Fields {
	#raw: RawFields = [];
	#frozen = false;

	static fromList(entries: readonly Field[]): Fields {
		const fields = new Fields();
		fields.#put(
			entries.flatMap(([name, value]) => {
				checkName(name);
				return [name, textOf(value)];
			}),
		);
		return fields;
	}

	/** Of what came from outside, without what is the connection's. The guest can not change it. */
	static incoming(raw: RawFields): Fields {
		const fields = new Fields();
		fields.#put(raw.filter((_, i) => !forbidden.has(key(raw[i - (i % 2)] as string))));
		fields.#frozen = true;
		return fields;
	}

	/** The same as they are now, for a reader who can not change them. */
	frozen(): Fields {
		const fields = new Fields();
		fields.#raw = this.#raw;
		fields.#frozen = true;
		return fields;
	}

	get(name: string): Uint8Array[] {
		return this.raw().flatMap((value, i, raw) => (i % 2 === 1 && key(raw[i - 1] as string) === key(name) ? [bytesOf(value)] : []));
	}

	has(name: string): boolean {
		return this.#raw.some((other, i) => i % 2 === 0 && key(other) === key(name));
	}

	set(name: string, values: readonly Uint8Array[]): void {
		checkName(name);
		this.#put([...this.#without(name), ...values.flatMap(value => [name, textOf(value)])]);
	}

	delete(name: string): void {
		checkName(name);
		this.#put(this.#without(name));
	}

	append(name: string, value: Uint8Array): void {
		checkName(name);
		this.#put([...this.#raw, name, textOf(value)]);
	}

	entries(): Field[] {
		return Array.from({length: this.#raw.length / 2}, (_, i) => [this.#raw[2 * i] as string, bytesOf(this.#raw[2 * i + 1] as string)]);
	}

	clone(): Fields {
		const fields = new Fields();
		fields.#raw = this.#raw;
		return fields;
	}

	/** As heads have them. */
	raw(): RawFields {
		return this.#raw;
	}

	#without(name: string): RawFields {
		return this.#raw.filter((_, i) => key(this.#raw[i - (i % 2)] as string) !== key(name));
	}

	/** No `header-error` says "too many": that traps. */
	#put(raw: RawFields): void {
		if (this.#frozen) throw {tag: 'immutable'};
		const bytes = raw.reduce((sum, {length}) => sum + length, 0);
		if (raw.length > 2 * COUNT || bytes > BYTES) throw new RangeError(`more than ${COUNT} fields, or than ${BYTES} bytes of them`);
		this.#raw = raw;
	}
}
