/**
 * A module that reads and writes the global which it imports, as a number:
 * `(func (export "set") (param f64))` and `(func (export "get") (result f64))`. V8 calls these in a tenth of the time that the global's own `value` takes.
 */
// biome-ignore format: a section a line
const gauge = Uint8Array.of(
	0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
	1, 9, 2, 0x60, 1, 0x7c, 0, 0x60, 0, 1, 0x7c,
	2, 6, 1, 0, 0, 3, 0x7e, 1,
	3, 3, 2, 0, 1,
	7, 13, 2, 3, 0x73, 0x65, 0x74, 0, 0, 3, 0x67, 0x65, 0x74, 0, 1,
	10, 16, 2, 8, 0, 0x20, 0, 0xfc, 6, 0x24, 0, 0x0b, 5, 0, 0x23, 0, 0xb9, 0x0b,
);

interface Gauge {
	set(units: number): void;
	get(): number;
}

let module: WebAssembly.Module | undefined;

function gaugeOf(global: WebAssembly.Global): Gauge {
	module ??= new WebAssembly.Module(gauge);
	// The module above exports these.
	return new WebAssembly.Instance(module, {'': {'': global}}).exports as unknown as Gauge;
}

/** What a metered instance may still spend. */
export class Fuel {
	/** What its modules take from. */
	readonly global: WebAssembly.Global;
	#gauge: Gauge | undefined;

	constructor(units: number) {
		this.global = new WebAssembly.Global({value: 'i64', mutable: true}, BigInt(units));
	}

	/** Below zero when it ran out. */
	get left(): number {
		this.#gauge ??= gaugeOf(this.global);
		return this.#gauge.get();
	}

	set left(units: number) {
		this.#gauge ??= gaugeOf(this.global);
		this.#gauge.set(units);
	}
}
