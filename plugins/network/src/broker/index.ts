import {type KernelCall, reasonOf} from '@forgeone/sdk';
import type {RuntimeTypes} from '@forgeone/wasm';

/** A container, as those see it who serve its calls. */
export interface Party {
	readonly container: string;
	/** What it may reach: egress rules in canonical form. */
	readonly rules: readonly string[];
	/** Where it may listen. */
	readonly publish: readonly RuntimeTypes.Port[];
	/** Puts on record what it was refused, and the flag that would have granted it. */
	refused(what: string, grant: string): void;
}

/** What a cell asks for, beside `op`. It may be anything: whoever serves it checks it. */
export type Head = Readonly<Record<string, unknown>>;

/** Serves one call, until the call is over. What it throws cancels the call. */
export type Operation = (call: KernelCall, head: Head) => unknown;

/** What is served to one container. */
export interface Service {
	/** By what a head names as `op`. */
	readonly operations: Readonly<Record<string, Operation>>;
	/** The container has ended: nothing of it stays open. */
	close(): void;
}

/** Makes the connections that cells may not make themselves, for the containers that it knows. */
export interface Broker {
	open(party: Party): void;
	/** Whether the call is from a container that it knows, and so served. */
	take(container: string, call: KernelCall): boolean;
	close(container: string): void;
}

async function serve(operations: ReadonlyMap<string, Operation>, call: KernelCall): Promise<void> {
	try {
		const head: Head = JSON.parse(await call.head());
		const operation = operations.get(String(head?.op));
		if (!operation) throw new Error('the network serves nothing of this name');
		await operation(call, head);
	} catch (error) {
		await call.cancel(reasonOf(error));
	}
}

/** Makes a broker that knows no container yet. */
export function createBroker(services: readonly ((party: Party) => Service)[]): Broker {
	const parties = new Map<string, {operations: ReadonlyMap<string, Operation>; open: readonly Service[]}>();

	function close(container: string): void {
		for (const service of parties.get(container)?.open ?? []) service.close();
		parties.delete(container);
	}

	return {
		open(party) {
			close(party.container);
			const open = services.map(serviceOf => serviceOf(party));
			parties.set(party.container, {operations: new Map(open.flatMap(({operations}) => Object.entries(operations))), open});
		},
		take(container, call) {
			const found = parties.get(container);
			// Whether it ends well or not is the cell's to hear.
			if (found) void serve(found.operations, call).catch(() => undefined);
			return found !== undefined;
		},
		close,
	};
}
