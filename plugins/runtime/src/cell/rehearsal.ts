import {type Extern, load, suspending} from '@forgeone/wasm';

/** A command for WASI preview1 that does nothing: a memory, and a function `_start` without instructions. */
const idle = Uint8Array.of(
	...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
	...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
	...[0x03, 0x02, 0x01, 0x00],
	...[0x05, 0x03, 0x01, 0x00, 0x01],
	...[0x07, 0x13, 0x02, 0x06, ...Buffer.from('memory'), 0x02, 0x00, 0x06, ...Buffer.from('_start'), 0x00, 0x00],
	...[0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b],
);

/** An interface whose functions do nothing and may wait. */
function stage({functions = []}: Extern): Record<string, unknown> {
	const made: Record<string, unknown> = {};
	for (const name of functions) {
		const [resource = '', method] = name.split('.');
		const nothing = suspending(() => undefined);
		if (!/^[A-Z]/.test(resource)) {
			made[resource] = nothing;
			continue;
		}
		made[resource] ??= class {};
		const type = made[resource] as {prototype: object};
		if (method !== undefined) Object.assign(type, {[method]: nothing});
		if (method !== undefined) Object.assign(type.prototype, {[method]: nothing});
	}
	return made;
}

/** Runs a command that does nothing, so that V8 has compiled the way to a guest when the first one comes. */
export async function rehearse(): Promise<void> {
	const component = await load(idle);
	const imports = Object.fromEntries(component.imports.map(each => [each.name, stage(each)]));
	const instance = await component.instantiate(imports);
	const [command] = component.exports;
	await instance.interface(command?.name ?? '')?.run?.();
	instance.dispose();
}
