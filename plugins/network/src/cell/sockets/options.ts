import type {ErrorCode} from './errors.ts';

const SECOND = 1_000_000_000n;

/** What Linux allows of times between probes, in seconds, and of their number. */
const LONGEST = 32_767n;
const MOST = 127;

/** The largest buffer that is remembered; nothing is gained by a larger one. */
const BUFFER = 16n * 1024n * 1024n;

function positive<T extends bigint | number>(value: T): T {
	if (value <= 0) throw 'invalid-argument' satisfies ErrorCode;
	return value;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** A time in whole seconds, of which there is at least one. */
const seconds = (value: bigint): number => Number(least((positive(value) + SECOND - 1n) / SECOND, LONGEST));

/** The size of a buffer, as far as it is kept. Throws `invalid-argument` for none. */
export const bufferSize = (value: bigint): bigint => least(positive(value), BUFFER);

/** A hop limit. Throws `invalid-argument` for none. */
export const hops: (value: number) => number = positive;

const usual = {
	enabled: false,
	idle: 7_200,
	interval: 75,
	count: 9,
	hopLimit: 64,
	receiveBuffer: 65_536n,
	sendBuffer: 65_536n,
};

/** The options of a `tcp-socket`. Those of keep-alive hold; Node can not set the others, which are kept as values. */
export abstract class TcpOptions {
	#values = usual;

	/** Those of the listener are those of what it accepts. */
	protected inherit(from: TcpOptions): void {
		this.#values = from.#values;
	}

	/** As the kernel half takes them. */
	protected options(): {keepAlive: object} {
		const {enabled, idle, interval, count} = this.#values;
		return {keepAlive: {enabled, idle, interval, count}};
	}

	/** Those of keep-alive are others now. */
	protected abstract changed(): void;

	#set(change: Partial<typeof usual>): void {
		this.#values = {...this.#values, ...change};
	}

	#keepAlive(change: Partial<typeof usual>): void {
		this.#set(change);
		this.changed();
	}

	keepAliveEnabled(): boolean {
		return this.#values.enabled;
	}

	setKeepAliveEnabled(enabled: boolean): void {
		this.#keepAlive({enabled});
	}

	keepAliveIdleTime(): bigint {
		return BigInt(this.#values.idle) * SECOND;
	}

	setKeepAliveIdleTime(value: bigint): void {
		this.#keepAlive({idle: seconds(value)});
	}

	keepAliveInterval(): bigint {
		return BigInt(this.#values.interval) * SECOND;
	}

	setKeepAliveInterval(value: bigint): void {
		this.#keepAlive({interval: seconds(value)});
	}

	keepAliveCount(): number {
		return this.#values.count;
	}

	setKeepAliveCount(value: number): void {
		this.#keepAlive({count: Math.min(positive(value), MOST)});
	}

	hopLimit(): number {
		return this.#values.hopLimit;
	}

	setHopLimit(value: number): void {
		this.#set({hopLimit: hops(value)});
	}

	receiveBufferSize(): bigint {
		return this.#values.receiveBuffer;
	}

	setReceiveBufferSize(value: bigint): void {
		this.#set({receiveBuffer: bufferSize(value)});
	}

	sendBufferSize(): bigint {
		return this.#values.sendBuffer;
	}

	setSendBufferSize(value: bigint): void {
		this.#set({sendBuffer: bufferSize(value)});
	}
}
