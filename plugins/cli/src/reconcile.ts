import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {type Engine, stringify} from '@forgeone/sdk/client';
import {type Loaded, quotas, specs} from '@forgeone/sdk/config';
import type {Containers, RuntimeTypes} from '@forgeone/wasm';

/** What was done about one container of a configuration. */
export interface Change {
	readonly id: string;
	readonly name: string;
	readonly done: 'created' | 'replaced' | 'started' | 'left as it is';
}

/** How long a container that is replaced may take to end, in milliseconds. */
const GRACE = 10_000;

/** Whether a container still is what the configuration says: each of its settings, and the bytes of its image. */
async function same(wanted: RuntimeTypes.Spec, {spec, digest}: Containers.Container): Promise<boolean> {
	const keys = new Set([...Object.keys(wanted), ...Object.keys(spec)]) as Set<keyof RuntimeTypes.Spec>;
	if ([...keys].some(key => stringify(wanted[key]) !== stringify(spec[key]))) return false;
	const bytes = await readFile(wanted.image).catch(() => undefined);
	return bytes !== undefined && digest === `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function apply({containers}: Engine, wanted: RuntimeTypes.Spec, there: Containers.Container | undefined): Promise<Change> {
	const name = wanted.name ?? '';
	if (there && (await same(wanted, there))) {
		const {id, state} = there;
		if (state === 'running' || state === 'restarting') return {id, name, done: 'left as it is'};
		await containers.start(id);
		return {id, name, done: 'started'};
	}
	if (there) {
		if (there.state === 'running' || there.state === 'restarting') await containers.stop(there.id, GRACE);
		await containers.remove(there.id, true);
	}
	const {id} = await containers.create(wanted);
	await containers.start(id);
	return {id, name, done: there ? 'replaced' : 'created'};
}

/** Brings an engine to what a configuration says: makes its volumes, networks and containers, replaces those that changed, leaves the others alone. */
export async function reconcile(engine: Engine, loaded: Loaded): Promise<Change[]> {
	const wanted = specs(loaded);
	const volumes = new Map((await engine.volumes.list()).map(({name, quota}) => [name, quota]));
	for (const [name, quota] of quotas(loaded)) {
		if (stringify(volumes.get(name)) !== stringify(quota)) await engine.volumes.create(name, quota);
	}
	for (const [name, {egress = []}] of Object.entries(loaded.config.networks ?? {})) await engine.networks.create(name, egress);
	const there = await engine.containers.list();
	const changes: Change[] = [];
	for (const spec of wanted)
		changes.push(
			await apply(
				engine,
				spec,
				there.find(({name}) => name === spec.name),
			),
		);
	return changes;
}
