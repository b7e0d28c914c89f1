/** A datagram, or word of an error that one has met with: then the port is 0, and the address its code. */
export interface Datagram {
	readonly address: string;
	readonly port: number;
	readonly data: Uint8Array;
}

/** Length of the address, port, length of the data. */
const HEAD = 5;

/** The most that one takes on its way. */
export const LARGEST = HEAD + 255 + 65_535;

const text = {encoder: new TextEncoder(), decoder: new TextDecoder()};

/** A datagram as it goes between the halves: lengths and port in big-endian order, the address as text, the data. */
export function encode({address, port, data}: Datagram): Uint8Array {
	const host = text.encoder.encode(address);
	const bytes = new Uint8Array(HEAD + host.length + data.length);
	bytes.set([host.length, port >> 8, port & 255, data.length >> 8, data.length & 255]);
	bytes.set(host, HEAD);
	bytes.set(data, HEAD + host.length);
	return bytes;
}

/** Makes what finds the datagrams in bytes that come in pieces of any size; they share no memory with the pieces. */
export function createDecoder(): (piece: Uint8Array) => Datagram[] {
	let rest: Uint8Array = new Uint8Array();

	/** Where the data of the datagram at `at` begins and ends; undefined where it is not whole yet. */
	function extent(at: number): readonly [number, number] | undefined {
		const [host = 0, , , high = 0, low = 0] = rest.subarray(at, at + HEAD);
		const [begin, end] = [at + HEAD + host, at + HEAD + host + (high << 8) + low];
		return rest.length >= at + HEAD && rest.length >= end ? [begin, end] : undefined;
	}

	return piece => {
		const joined = new Uint8Array(rest.length + piece.length);
		joined.set(rest);
		joined.set(piece, rest.length);
		rest = joined;
		const found: Datagram[] = [];
		let at = 0;
		for (let next = extent(at); next; next = extent(at)) {
			const [begin, end] = next;
			const port = ((rest[at + 1] ?? 0) << 8) + (rest[at + 2] ?? 0);
			found.push({address: text.decoder.decode(rest.subarray(at + HEAD, begin)), port, data: rest.subarray(begin, end)});
			at = end;
		}
		rest = rest.subarray(at);
		return found;
	};
}
