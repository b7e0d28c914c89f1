/** A number as a module has it, in seven bits each. */
export function leb(value: number): number[] {
	const bytes: number[] = [];
	for (let left = value; ; left >>>= 7) {
		if (left < 0x80) return [...bytes, left];
		bytes.push((left & 0x7f) | 0x80);
	}
}

/** What only tools read: the names of a component's inner parts, and what made each of them. */
const unread = /^.(component-name|producers)/s;

/** A component, and the modules in it, without what nothing reads that runs it: a tenth of a small one. The names of functions stay. */
export function bare(bytes: Uint8Array): Uint8Array {
	const component = bytes[6] === 1;
	const kept = [bytes.subarray(0, 8)];
	for (let at = 8; at < bytes.length; ) {
		const id = bytes[at++] as number;
		let size = 0;
		for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
			byte = bytes[at++] as number;
			size |= (byte & 0x7f) << shift;
		}
		const section = bytes.subarray(at, at + size);
		at += size;
		if (id === 0 && unread.test(Buffer.from(section.subarray(0, 16)).toString('latin1'))) continue;
		const body = component && (id === 1 || id === 4) ? bare(section) : section;
		kept.push(Uint8Array.from([id, ...leb(body.length)]), body);
	}
	return Buffer.concat(kept);
}
