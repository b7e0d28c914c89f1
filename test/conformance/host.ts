import type {Extern} from '@forgeone/wasm';

/** A host that has everything a component imports: functions that do nothing, classes with every method. */
export function everything(imports: readonly Extern[]): Record<string, unknown> {
	const nothing = (): void => {};
	return Object.fromEntries(
		imports.map(({name, kind, functions = []}) => {
			if (kind !== 'instance') return [name, nothing];
			const host: Record<string, unknown> = {};
			for (const path of functions) {
				const [first = '', method] = path.split('.');
				host[first] ??= class {};
				const type = host[first] as Record<string, unknown> & {prototype: Record<string, unknown>};
				if (method === undefined) continue;
				type[method] = nothing;
				type.prototype[method] = nothing;
			}
			return [name, host];
		}),
	);
}

/** What wasmtime's scripts import: `host` with its functions and resources, and functions of the world. */
export function spectest(): Record<string, unknown> {
	let drops = 0;
	let last = 0;
	class Resource1 {
		readonly rep: number;
		constructor(rep: number) {
			this.rep = rep;
		}
		static assert(resource: Resource1, rep: number): void {
			if (resource.rep !== rep) throw new Error('another resource');
		}
		static lastDrop = () => last;
		static drops = () => drops;
		simple(rep: number): void {
			if (this.rep !== rep) throw new Error('another resource');
		}
		takeBorrow(): void {}
		takeOwn(): void {}
		[Symbol.dispose](): void {
			drops++;
			last = this.rep;
		}
	}
	return {
		host: {
			returnThree: () => 3,
			returnHi: () => 'hi',
			nested: {returnFour: () => 4},
			Resource1,
			Resource2: class {},
			Resource1Again: Resource1,
		},
		'host-return-two': () => 2,
		'host-echo-u32': (value: number) => value,
	};
}
