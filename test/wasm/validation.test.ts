import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {load} from '@forgeone/wasm';
import test from 'ava';
import {libc, options} from './support/guest.ts';

/** What a rule refuses, by what it says, and what it lets pass that differs in no more than it must. */
type Case = readonly [rule: string, expected: RegExp, refused: string, allowed: string];

const core = `(core module $m
	(memory (export "m") 1)
	(func (export "f") (param i32))
	(func (export "g") (result i32) (i32.const 0)))
(core instance $i (instantiate $m))`;

/** A component within which another is instantiated. */
const nested = (inner: string, before: string, args: string): string =>
	`${before} (component $C ${inner}) (instance (instantiate $C ${args}))`;

const cases: readonly Case[] = [
	[
		'names differ in more than case',
		/names that differ/,
		'(import "a-B" (func)) (import "A-b" (func))',
		'(import "a-B" (func)) (import "A-c" (func))',
	],
	[
		'a method and a plain function of one name conflict',
		/names that differ/,
		'(import "a" (type $a (sub resource))) (import "[static]a.a" (func))',
		'(import "a" (type $a (sub resource))) (import "[static]a.b" (func))',
	],
	['versions are semantic', /a name in kebab-case/, '(import "a:b/c@1.x" (func))', '(import "a:b/c@1.0.0-rc.1+b" (func))'],
	[
		'a constructor makes its resource',
		/gives an own "a"/,
		'(import "a" (type $a (sub resource))) (import "[constructor]a" (func (result u32)))',
		'(import "a" (type $a (sub resource))) (import "[constructor]a" (func (result (own $a))))',
	],
	[
		'a method borrows its resource',
		/"self" borrows "a"/,
		'(import "a" (type $a (sub resource))) (import "[method]a.b" (func (param "self" (own $a))))',
		'(import "a" (type $a (sub resource))) (import "[method]a.b" (func (param "self" (borrow $a))))',
	],
	['a static has its resource before it', /a resource "a" before its static/, '(import "[static]a.b" (func))', '(import "a-b" (func))'],
	['what is annotated is a function', /a function as static/, '(import "[static]a.b" (instance))', '(import "a-b" (instance))'],
	[
		'only an instance implements an interface',
		/an instance with a plain name/,
		'(import "a" (implements "a:b/c") (func))',
		'(import "a" (implements "a:b/c") (instance))',
	],
	[
		'what is implemented is an interface',
		/the name of an interface/,
		'(import "a" (implements "a") (instance))',
		'(import "a" (implements "a:b/c@1.0.0") (instance))',
	],
	['labels are kebab-case', /a label in kebab-case/, '(type (enum "a_b"))', '(type (enum "a-b"))'],
	['labels differ', /cases that differ/, '(type (enum "a" "A"))', '(type (enum "a" "B"))'],
	['records are not empty', /at least one of fields/, '(type (record))', '(type (record (field "a" u8)))'],
	[
		'parameters are values',
		/a value type, found func/,
		'(type $f (func)) (type (func (param "a" $f)))',
		'(type $f u8) (type (func (param "a" $f)))',
	],
	[
		'handles are of resources',
		/a resource type, found value/,
		'(type $t u8) (type (own $t))',
		'(import "t" (type $t (sub resource))) (type (own $t))',
	],
	[
		'results hold no borrow',
		/a result without a borrow/,
		'(import "t" (type $t (sub resource))) (type (func (result (list (borrow $t)))))',
		'(import "t" (type $t (sub resource))) (type (func (result (list (own $t)))))',
	],
	['streams are not of characters', /a stream of anything but characters/, '(type (stream char))', '(type (stream u32))'],
	['keys of maps are scalars or strings', /a key that is/, '(type (map f32 u8))', '(type (map string u8))'],
	[
		'values are small, with wide pointers too',
		/less than 268435456 bytes/,
		'(type (list string 16777216))',
		'(type (list string 16777215))',
	],
	[
		'resources are defined in components',
		/a type that can be declared/,
		'(type (instance (type (resource (rep i32)))))',
		'(type (resource (rep i32)))',
	],
	[
		'destructors take a representation',
		/a destructor of type i>/,
		`${core} (type (resource (rep i32) (dtor (core func $i "g"))))`,
		`${core} (type (resource (rep i32) (dtor (core func $i "f"))))`,
	],
	[
		'functions have types of functions',
		/a function type, found value/,
		'(type $t u8) (import "f" (func (type $t)))',
		'(type $t (func)) (import "f" (func (type $t)))',
	],
	[
		'instances have types of instances',
		/an instance type, found func/,
		'(type $t (func)) (import "i" (instance (type $t)))',
		'(type $t (instance)) (import "i" (instance (type $t)))',
	],
	[
		'module types name what they export once',
		/core names that differ/,
		'(core type (module (export "a" (func)) (export "a" (func))))',
		'(core type (module (export "a" (func)) (export "b" (func))))',
	],
	[
		'modules import a name once',
		/core names that differ/,
		'(core module (import "a" "b" (func)) (import "a" "b" (func)))',
		'(core module (import "a" "b" (func)) (import "b" "b" (func)))',
	],
	[
		'memories are no larger than can be',
		/at most 65536/,
		'(core type (module (import "" "" (memory 70000))))',
		'(core type (module (import "" "" (memory 65536))))',
	],
	[
		'core modules are given all that they import',
		/a core func "f", found none/,
		`${core} (core module $n (import "i" "f" (func))) (core instance (instantiate $n (with "i" (instance))))`,
		`${core} (core module $n (import "i" "f" (func (param i32)))) (core instance (instantiate $n (with "i" (instance $i))))`,
	],
	[
		'core arguments are of the types that are imported',
		/a core func "f" of the type that is imported/,
		`${core} (core module $n (import "i" "f" (func))) (core instance (instantiate $n (with "i" (instance $i))))`,
		`${core} (core module $n (import "i" "m" (memory 1))) (core instance (instantiate $n (with "i" (instance $i))))`,
	],
	[
		'memories are as large as is imported',
		/a core memory "m" of the type/,
		`${core} (core module $n (import "i" "m" (memory 2))) (core instance (instantiate $n (with "i" (instance $i))))`,
		`${core} (core module $n (import "i" "m" (memory 0))) (core instance (instantiate $n (with "i" (instance $i))))`,
	],
	[
		'core exports exist',
		/an export "h" that is a core func/,
		`${core} (alias core export $i "h" (core func))`,
		`${core} (alias core export $i "g" (core func))`,
	],
	[
		'components are given all that they import',
		/a func "f", found none/,
		nested('(import "f" (func))', '', ''),
		nested('(import "f" (func))', '(import "f" (func $f))', '(with "f" (func $f))'),
	],
	[
		'arguments have the parameters that are imported, by name',
		/a func "f" of the type that is declared/,
		nested('(import "f" (func (param "a" u8)))', '(import "f" (func $f (param "b" u8)))', '(with "f" (func $f))'),
		nested('(import "f" (func (param "b" u8)))', '(import "f" (func $f (param "b" u8)))', '(with "f" (func $f))'),
	],
	[
		'an instance has all that is imported of it',
		/a func "g", found none/,
		nested('(import "i" (instance (export "g" (func))))', '(import "i" (instance $i (export "f" (func))))', '(with "i" (instance $i))'),
		nested(
			'(import "i" (instance (export "f" (func))))',
			'(import "i" (instance $i (export "f" (func)) (export "g" (func))))',
			'(with "i" (instance $i))',
		),
	],
	[
		'one import is one resource',
		/a func "f" of the type/,
		nested(
			'(import "r" (type $r (sub resource))) (import "f" (func (param "a" (own $r))))',
			'(import "r" (type $r (sub resource))) (import "s" (type $s (sub resource))) (import "f" (func $f (param "a" (own $s))))',
			'(with "r" (type $r)) (with "f" (func $f))',
		),
		nested(
			'(import "r" (type $r (sub resource))) (import "f" (func (param "a" (own $r))))',
			'(import "r" (type $r (sub resource))) (import "f" (func $f (param "a" (own $r))))',
			'(with "r" (type $r)) (with "f" (func $f))',
		),
	],
	[
		'a component may ask for less than is declared of it, and no more',
		/a func "f", found none/,
		nested(
			'(import "c" (component (export "g" (func))))',
			'(component $D (import "f" (func $f)) (export "g" (func $f)))',
			'(with "c" (component $D))',
		),
		nested(
			'(import "c" (component (import "f" (func)) (import "h" (func)) (export "g" (func))))',
			'(component $D (import "f" (func $f)) (export "g" (func $f)))',
			'(with "c" (component $D))',
		),
	],
	[
		'an ascription is a supertype',
		/a func "f", found none/,
		'(import "i" (instance $i)) (export "e" (instance $i) (instance (export "f" (func))))',
		'(import "i" (instance $i (export "f" (func)))) (export "e" (instance $i) (instance))',
	],
	[
		'an export mentions only types that were exported or imported',
		/which "f" mentions are exported before it/,
		'(type $r (record (field "a" u8))) (import "r" (type $s (eq $r))) (component (import "f" (func (param "a" u8)))) (type $u (enum "a")) (type $f (func (param "a" $u))) (export "f" (type $f))',
		'(type $r (record (field "a" u8))) (import "r" (type $s (eq $r))) (type $f (func (param "a" $s))) (export "f" (type $f))',
	],
	[
		'an import mentions only types that were imported',
		/which "f" mentions are imported before it/,
		'(type $r (resource (rep i32))) (export $s "r" (type $r)) (import "f" (func (param "a" (own $s))))',
		'(import "r" (type $s (sub resource))) (import "f" (func (param "a" (own $s))))',
	],
	[
		'no resource is taken from around a component',
		/a type without resources/,
		'(type $r (resource (rep i32))) (type $t (list (own $r))) (component (alias outer 1 $t (type)))',
		'(type $t (list u8)) (component (alias outer 1 $t (type)))',
	],
	[
		'types alias only types and instances',
		/an alias of a type or an instance/,
		'(type (component (import "i" (instance $i (export "f" (func)))) (alias export $i "f" (func))))',
		'(type (component (import "i" (instance $i (export "f" (type (sub resource))))) (alias export $i "f" (type))))',
	],
	[
		'a lifted function has the core type of its own',
		/a core function of type >, found i>/,
		`${core} (func (canon lift (core func $i "f")))`,
		`${core} (func (param "a" u8) (canon lift (core func $i "f")))`,
	],
	[
		'strings need a memory',
		/a memory for strings/,
		`(import "f" (func $f (param "a" string))) (core func (canon lower (func $f)))`,
		`${libc} (import "f" (func $f (param "a" string))) (core func (canon lower (func $f) (memory (core memory $libc "memory"))))`,
	],
	[
		'strings from the host need an allocator',
		/a realloc for strings/,
		`${libc} (import "f" (func $f (result string))) (core func (canon lower (func $f) (memory (core memory $libc "memory"))))`,
		`${libc} (import "f" (func $f (result string))) (core func (canon lower (func $f) ${options}))`,
	],
	[
		'an allocator allocates',
		/a realloc of type iiii>i, found i>/,
		`${core} (import "f" (func $f (result string))) (core func (canon lower (func $f) (memory (core memory $i "m")) (realloc (core func $i "f"))))`,
		`${core} ${libc} (import "f" (func $f (result string))) (core func (canon lower (func $f) (memory (core memory $i "m")) (realloc (core func $libc "realloc"))))`,
	],
	[
		'a post-return takes what was returned',
		/a post-return of type i>, found >i/,
		`${core} (func (result u8) (canon lift (core func $i "g") (post-return (core func $i "g"))))`,
		`${core} (func (result u8) (canon lift (core func $i "g") (post-return (core func $i "f"))))`,
	],
	[
		'only its component makes a resource',
		/a resource that this component defines/,
		'(import "r" (type $r (sub resource))) (core func (canon resource.new $r))',
		'(type $r (resource (rep i32))) (core func (canon resource.new $r))',
	],
];

for (const [rule, expected, refused, allowed] of cases) {
	test(`${rule}, or the component is refused when it is loaded`, async t => {
		await t.throwsAsync(
			parse(`(component ${refused})`).then(bytes => load(bytes)),
			{
				code: 'FORGE_COMPONENT_INVALID',
				message: new RegExp(`^invalid component at byte \\d+: expected .*(${expected.source})`, 's'),
			},
		);
		await t.notThrowsAsync(parse(`(component (component ${allowed}))`).then(bytes => load(bytes)));
	});
}

test('the offset is that of the definition which breaks the rule', async t => {
	const bytes = await parse('(component (type u8) (import "a" (func)) (import "ok" (func)) (import "A" (func)))');
	// A name is a form, a length and its letters; the definition begins at the form.
	const at = Buffer.from(bytes).lastIndexOf('A') - 2;
	await t.throwsAsync(load(bytes), {message: new RegExp(`at byte ${at}: expected names that differ`)});
});
