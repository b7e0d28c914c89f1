/** Typed views of a guest's memory. They die when it grows: ask `live` after every call into the guest. */
export class Views {
	readonly memory: WebAssembly.Memory;
	u8 = new Uint8Array();
	s8 = new Int8Array();
	u16 = new Uint16Array();
	s16 = new Int16Array();
	u32 = new Uint32Array();
	s32 = new Int32Array();
	u64 = new BigUint64Array();
	s64 = new BigInt64Array();
	f32 = new Float32Array();
	f64 = new Float64Array();
	text = Buffer.alloc(0);
	/** The second result of what writes a string: its code units, tagged where the encoding says so. */
	units = 0;

	constructor(memory: WebAssembly.Memory) {
		this.memory = memory;
		this.renew();
	}

	/** These views, made anew if the memory grew. */
	live(): this {
		if (this.u8.length === 0) this.renew();
		return this;
	}

	renew(): void {
		const {buffer} = this.memory;
		this.u8 = new Uint8Array(buffer);
		this.s8 = new Int8Array(buffer);
		this.u16 = new Uint16Array(buffer);
		this.s16 = new Int16Array(buffer);
		this.u32 = new Uint32Array(buffer);
		this.s32 = new Int32Array(buffer);
		this.u64 = new BigUint64Array(buffer);
		this.s64 = new BigInt64Array(buffer);
		this.f32 = new Float32Array(buffer);
		this.f64 = new Float64Array(buffer);
		this.text = Buffer.from(buffer);
	}
}
