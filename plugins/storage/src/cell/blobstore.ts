import {type Call, CallCancelled, type CellContext, type HostInterface, InputStream, OutputStream} from '@forgeone/sdk/cell';
import {suspending} from '@forgeone/wasm';
import {type Ask, asking, type Reply, receive} from './asking.ts';

interface ObjectId {
	readonly container: string;
	readonly object: string;
}

/** The largest value that is given in one piece; larger ones are streamed. */
const LARGEST = 16 * 1024 * 1024;

/** Places in an object, as a number of the head's; what lies beyond is the end. */
const place = (offset: bigint): number => Number(offset > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : offset);

/** What the kernel half says; its refusals are thrown as the text that `wasi:blobstore` has for errors. */
async function said(reply: Promise<Reply['head']>): Promise<Reply['head']> {
	const head = await reply.catch((error: unknown): never => {
		throw error instanceof CallCancelled ? error.reason : error;
	});
	if (head?.error !== undefined) throw head.error;
	return head ?? {};
}

/** `wasi:blobstore/types` `outgoing-value`: bytes on their way to the kernel half, which keeps them once it is finished. */
class OutgoingValue {
	readonly #open: () => Call;
	readonly #targets: {readonly store: string; readonly name: string}[] = [];
	#call: Call | undefined;
	#finished = false;

	constructor(open: () => Call) {
		this.#open = open;
	}

	/** Once. */
	outgoingValueWriteBody(): OutputStream {
		// The interface has no word for this error.
		if (this.#call) throw {payload: undefined};
		this.#call = this.#open();
		// The stream's end is not the value's: that is finished by name.
		const {outgoing} = this.#call;
		return new OutputStream({
			ready: () => outgoing.ready(),
			watch: wake => outgoing.watch(wake),
			room: () => outgoing.room(),
			write: bytes => outgoing.write(bytes),
			flushed: () => outgoing.flushed?.() ?? true,
		});
	}

	/** What the bytes shall be. */
	become(store: string, name: string): void {
		this.#targets.push({store, name});
	}

	static async finish(value: OutgoingValue): Promise<void> {
		value.#finished = true;
		value.#call ??= value.#open();
		value.#call.outgoing.end(JSON.stringify(value.#targets));
		await said(value.#call.reply().then(head => JSON.parse(head)));
	}

	[Symbol.dispose](): void {
		if (!this.#finished) this.#call?.cancel('the value was not finished');
	}
}

/** `wasi:blobstore/types` `incoming-value`: bytes that are on their way. */
class IncomingValue {
	readonly #call: Call;
	readonly #size: number;
	#taken = false;

	constructor(call: Call, size: number) {
		this.#call = call;
		this.#size = size;
	}

	size(): bigint {
		return BigInt(this.#size);
	}

	static async incomingValueConsumeSync(value: IncomingValue): Promise<Uint8Array> {
		if (value.#size > LARGEST) throw `a value of ${value.#size} bytes is too large to be taken in one piece`;
		value.#taken = true;
		return receive(value.#call);
	}

	static incomingValueConsumeAsync(value: IncomingValue): InputStream {
		value.#taken = true;
		const {incoming} = value.#call;
		return new InputStream({
			ready: () => incoming.ready(),
			watch: wake => incoming.watch(wake),
			read: most => incoming.read(most),
			close: () => value.#call.cancel('the stream was dropped'),
		});
	}

	[Symbol.dispose](): void {
		if (!this.#taken) this.#call.cancel('the value was dropped');
	}
}

/** `wasi:blobstore/container` `stream-object-names`: asked for as they are read. */
class StreamObjectNames {
	readonly #page: (after: string) => Promise<string[]>;
	#names: string[] = [];
	#after = '';
	#ended = false;

	constructor(page: (after: string) => Promise<string[]>) {
		this.#page = page;
	}

	/** A page at most; whether that was the last is known once there is none. */
	async readStreamObjectNames(length: bigint): Promise<[string[], boolean]> {
		if (this.#names.length === 0 && !this.#ended) {
			this.#names = await this.#page(this.#after);
			this.#ended = this.#names.length === 0;
		}
		const names = this.#names.splice(0, Math.min(this.#names.length, place(length)));
		this.#after = names.at(-1) ?? this.#after;
		return [names, this.#ended];
	}

	async skipStreamObjectNames(count: bigint): Promise<[bigint, boolean]> {
		const [names, ended] = await this.readStreamObjectNames(count);
		return [BigInt(names.length), ended];
	}
}

/** `wasi:blobstore/container` `container`: a store. */
class Container {
	readonly #store: string;
	readonly #created: number;
	readonly #context: Context;

	constructor(store: string, created: number, context: Context) {
		this.#store = store;
		this.#created = created;
		this.#context = context;
	}

	name(): string {
		return this.#store;
	}

	info(): {name: string; createdAt: bigint} {
		return {name: this.#store, createdAt: BigInt(this.#created)};
	}

	#ask(op: string, head: object = {}): Promise<Reply['head']> {
		return this.#context.ask(op, {store: this.#store, ...head});
	}

	async getData(name: string, start: bigint, end: bigint): Promise<IncomingValue> {
		const head = {op: 'blobstore.read', store: this.#store, name, start: place(start), end: place(end)};
		const call = this.#context.open(JSON.stringify(head));
		call.outgoing.end();
		const {size} = await said(call.reply().then(reply => JSON.parse(reply)));
		return new IncomingValue(call, size);
	}

	writeData(name: string, value: OutgoingValue): void {
		value.become(this.#store, name);
	}

	listObjects(): StreamObjectNames {
		return new StreamObjectNames(async after => (await this.#ask('names', {after})).names ?? []);
	}

	async deleteObject(name: string): Promise<void> {
		await this.#ask('delete', {names: [name]});
	}

	async deleteObjects(names: readonly string[]): Promise<void> {
		await this.#ask('delete', {names});
	}

	async hasObject(name: string): Promise<boolean> {
		return (await this.#ask('has', {name})).has;
	}

	async objectInfo(name: string): Promise<{name: string; container: string; createdAt: bigint; size: bigint}> {
		const {size, created} = await this.#ask('info', {name});
		return {name, container: this.#store, createdAt: BigInt(created), size: BigInt(size)};
	}

	async clear(): Promise<void> {
		await this.#ask('clear');
	}
}

const {readStreamObjectNames, skipStreamObjectNames} = StreamObjectNames.prototype;
const {getData, deleteObject, deleteObjects, hasObject, objectInfo, clear} = Container.prototype;
for (const method of [readStreamObjectNames, skipStreamObjectNames]) suspending(method);
for (const method of [getData, deleteObject, deleteObjects, hasObject, objectInfo, clear]) suspending(method);
for (const method of [OutgoingValue.finish, IncomingValue.incomingValueConsumeSync]) suspending(method);

/** How stores are asked for. */
interface Context {
	readonly open: CellContext['call'];
	ask(op: string, head: object): Promise<Reply['head']>;
}

/** Hosts `wasi:blobstore`: bytes are streamed to and from the kernel half, which has the stores. */
export function blobstore(open: CellContext['call'], refused: CellContext['refused']): Readonly<Record<string, HostInterface>> {
	const asked: Ask = asking(open);
	const ask: Context['ask'] = (op, head) =>
		said(
			asked({op: `blobstore.${op}`, ...head}).then(reply => {
				const {store} = reply.head ?? {};
				if (store !== undefined) refused('blobstore', `the store "${store}"`, `--blobstore ${store}`);
				return reply.head;
			}),
		);
	const context = {open, ask};
	const get = async (store: string) => new Container(store, (await ask('get', {store})).created, context);
	const id = ({container, object}: ObjectId) => ({store: container, name: object});
	/** Those of this cell: one process may hold several. */
	class Outgoing extends OutgoingValue {
		static newOutgoingValue(): Outgoing {
			return new Outgoing(() => open(JSON.stringify({op: 'blobstore.write'})));
		}
	}
	return {
		'wasi:blobstore/types': {OutgoingValue: Outgoing, IncomingValue},
		'wasi:blobstore/container': {Container, StreamObjectNames},
		'wasi:blobstore/blobstore': {
			createContainer: suspending(async (store: string) => {
				await ask('create', {store});
				return get(store);
			}),
			getContainer: suspending(get),
			deleteContainer: suspending(async (store: string) => void (await ask('drop', {store}))),
			containerExists: suspending(async (store: string) => (await ask('exists', {store})).exists),
			copyObject: suspending(async (from: ObjectId, to: ObjectId) => void (await ask('copy', {from: id(from), to: id(to)}))),
			moveObject: suspending(async (from: ObjectId, to: ObjectId) => void (await ask('move', {from: id(from), to: id(to)}))),
		},
	};
}
