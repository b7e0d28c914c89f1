/** A name and a value of `fields`. */
export type Field = [name: string, value: Uint8Array];

/** The most that the names and values of one `fields` may hold, in bytes, and how many there may be. */
const BYTES = 128 * 1024;
const COUNT = 1024;

const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

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

/** Throws the `header-error` of what can not be the value of a field (RFC 9110, 5.5). */
function checkValue(value: Uint8Array): void {
	if (value.some(byte => byte !== 9 && (byte < 32 || byte === 127))) throw {tag: 'invalid-syntax'};
}

/** Whether it is a token (RFC 9110, 5.6.2), as names of fields and methods are. */
export function isToken(name: string): boolean {
	return token.test(name);
}

/** `wasi:http/types` `fields`: names are equal whatever their case, and keep the case and the order in which they came. */
export class Fields {
	#entries: readonly Field[] = [];
	#frozen = false;

	static fromList(entries: readonly Field[]): Fields {
		const fields = new Fields();
		for (const [name, value] of entries) {
			checkName(name);
			checkValue(value);
		}
		fields.#put(entries.map(([name, value]) => [name, value.slice()]));
		return fields;
	}

	/** Of what came from outside, without what is the connection's. The guest can not change it. */
	static incoming(entries: readonly Field[]): Fields {
		const fields = new Fields();
		fields.#put(entries.filter(([name]) => !forbidden.has(key(name))));
		fields.#frozen = true;
		return fields;
	}

	/** The same as they are now, for a reader who can not change them. */
	frozen(): Fields {
		const fields = new Fields();
		fields.#entries = this.#entries;
		fields.#frozen = true;
		return fields;
	}

	get(name: string): Uint8Array[] {
		return this.#entries.filter(([other]) => key(other) === key(name)).map(([, value]) => value.slice());
	}

	has(name: string): boolean {
		return this.#entries.some(([other]) => key(other) === key(name));
	}

	set(name: string, values: readonly Uint8Array[]): void {
		checkName(name);
		values.forEach(checkValue);
		this.#put([...this.#without(name), ...values.map((value): Field => [name, value.slice()])]);
	}

	delete(name: string): void {
		checkName(name);
		this.#put(this.#without(name));
	}

	append(name: string, value: Uint8Array): void {
		checkName(name);
		checkValue(value);
		this.#put([...this.#entries, [name, value.slice()]]);
	}

	entries(): Field[] {
		return this.#entries.map(([name, value]) => [name, value.slice()]);
	}

	clone(): Fields {
		const fields = new Fields();
		fields.#entries = this.#entries;
		return fields;
	}

	#without(name: string): readonly Field[] {
		return this.#entries.filter(([other]) => key(other) !== key(name));
	}

	/** No `header-error` says "too many": that traps. */
	#put(entries: readonly Field[]): void {
		if (this.#frozen) throw {tag: 'immutable'};
		const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
		if (entries.length > COUNT || bytes > BYTES) throw new RangeError(`more than ${COUNT} fields, or than ${BYTES} bytes of them`);
		this.#entries = entries;
	}
}
