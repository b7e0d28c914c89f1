import {Worker} from 'node:worker_threads';
import {reasonOf} from '@forgeone/core';
import {digest, ForgeError, type Packed, pack} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** A component, decoded and checked for another process, and what its bytes are known by. */
export interface Decoded {
	readonly packed: Packed;
	readonly digest: string;
}

/** Up to how many bytes are decoded at once: that takes less time than a thread needs to start. */
const FEW = 128 * 1024;

/** What a thread may have: time in milliseconds, and memory in MiB. */
const PATIENCE = 10_000;
const HEAP = 1024;

const program = `
	const {parentPort, workerData: {wasm, bytes}} = require('node:worker_threads');
	import(wasm).then(async ({pack, digest}) => {
		try {
			const packed = await pack(bytes);
			parentPort.postMessage({packed, digest: digest(bytes)}, [packed.bytes.buffer]);
		} catch ({code, kind, message, remedy}) {
			parentPort.postMessage({code, kind, message, remedy});
		}
	});`;

/** Decodes in a thread, which holds nobody up but whoever waits for it. */
async function decodeApart(image: string, bytes: Uint8Array): Promise<Decoded> {
	const workerData = {wasm: import.meta.resolve('@forgeone/wasm'), bytes};
	const worker = new Worker(program, {eval: true, env: {}, workerData, resourceLimits: {maxOldGenerationSizeMb: HEAP}});
	const {promise, resolve, reject} = Promise.withResolvers<Decoded>();
	const fail = (reason: string) => reject(errors.FORGE_IMAGE_DECODE({image, reason}));
	const clock = setTimeout(fail, PATIENCE, `that took more than ${PATIENCE} ms`);
	worker.once('message', said => {
		if ('packed' in said) resolve(said);
		else reject(new ForgeError(said.code, said.kind, said.message, said.remedy));
	});
	worker.once('error', error => fail(reasonOf(error)));
	try {
		return await promise;
	} finally {
		clearTimeout(clock);
		await worker.terminate();
	}
}

let last: Promise<unknown> = Promise.resolve();

/** Decodes an image: a large one in a thread, one at a time, for they may be anybody's. Throws FORGE_COMPONENT_*, and FORGE_IMAGE_DECODE where that has no end. */
export async function decode(image: string, bytes: Uint8Array): Promise<Decoded> {
	if (bytes.length <= FEW) return {packed: await pack(bytes), digest: digest(bytes)};
	const decoded = last.then(() => decodeApart(image, bytes));
	last = decoded.catch(() => undefined);
	return decoded;
}
