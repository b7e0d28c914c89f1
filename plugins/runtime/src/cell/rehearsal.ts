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
		const silent = suspending(() => undefined);
		if (!/^[A-Z]/.test(resource)) {
			made[resource] = silent;
			continue;
		}
		made[resource] ??= class {};
		const type = made[resource] as {prototype: object};
		if (method !== undefined) Object.assign(type, {[method]: silent});
		if (method !== undefined) Object.assign(type.prototype, {[method]: silent});
	}
	return made;
}

/** A command that does nothing, and is not the same for each number: a custom section holds it. */
const nothing = (number: number): Uint8Array => Uint8Array.of(...idle, 0x00, 0x02, 0x01, number);

/** Runs commands that do nothing, so that V8 has compiled the way to a guest when the first one comes; more than two would gain little. */
export async function rehearse(): Promise<void> {
	for (const number of [0, 1]) {
		const component = await load(nothing(number));
		const imports = Object.fromEntries(component.imports.map(each => [each.name, stage(each)]));
		const instance = await component.instantiate(imports);
		const [command] = component.exports;
		await instance.interface(command?.name ?? '')?.run?.();
		instance.dispose();
	}
}
