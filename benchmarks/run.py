"""Measure miniai beside torch and NumPy on this machine.

    python benchmarks/run.py            all of it, a few minutes: a table, results.json, and the README's picture
    python benchmarks/run.py --only 784 --threads 1 --out /tmp      a part of it, written elsewhere
    python benchmarks/run.py --check    only whether the answers are right, small and quick

One process for each engine and number of threads, since engines in one process disturb each other; they take turns,
several rounds; each number is the median of the rounds. For our share of what the machine can do, product and limit take
turns, since a processor's clock doesn't stand still. The first 500 rows of each product are checked against float64;
our first 100,000 uniform numbers against the generator taken one by one; the other draws for range, mean and variance, or
for being a permutation. An engine writes into memory that is there already, where it can. Our DataLoader goes through the same
rows as torch's, the start of its workers included, and each row has to come once, with its label. Our Learner trains beside
a bare loop that counts and shows the same, and has to end with the same loss, accuracy and weights; they take turns in one
process, since they differ by less than two processes do. NumPy has neither.
"""
import argparse, json, math, os, platform, subprocess, sys
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from time import perf_counter

here = Path(__file__).parent
ENGINES = 'miniai', 'torch', 'NumPy'

def cases(check):
    "Products: kind of number, sizes. Draws: of what, kind, how many. Epochs: of what, rows, batch size, workers. Fits: batch size, batches"
    only = os.environ.get('BENCH_ONLY', '')
    products = [('float32', (n,n,n)) for n in (512,1024,2048)] + [('float64', (1024,1024,1024)),
        ('float32', (50_000,784,10)), ('float32', (5,784,10))]
    draws = [('uniform', 'float32', 10**7), ('uniform', 'float64', 10**7), ('uniform', 'float32', 7840),
             ('uniform', 'float64', 7840), ('normal', 'float32', 10**6), ('permutation', 'int64', 10**6)]
    epochs = [(*rows, workers) for rows in (('rows', 8000, 64), ('rows', 8000, 256), ('slow rows', 1000, 64)) for workers in range(3)]
    fits = [('fit', 256, 20)]
    if only:
        products,draws = [p for p in products if only in f'{p[0]} {p[1]}'], [d for d in draws if only in str(d)]
        epochs,fits = [e for e in epochs if only in str(e)], [f for f in fits if only in str(f)]
    if check: products,draws = [(t, tuple(min(n, 130) for n in s)) for t,s in products], [(k, t, min(n, 40_000)) for k,t,n in draws]
    if check: epochs,fits = [(what, n//40, bs, workers) for what,n,bs,workers in epochs], [(what, bs//8, 3) for what,bs,n in fits]
    return products, draws, epochs, fits

def median(xs): return sorted(xs)[len(xs)//2]

def seconds_of(f, check, least=5):
    "Median seconds of a call, from half a second's worth of calls, and from `least` at least"
    f()
    start = perf_counter()
    f()
    once = perf_counter() - start
    calls = 1 if check else max(1, int(0.01/once))
    def some():
        start = perf_counter()
        for _ in range(calls): f()
        return (perf_counter() - start)/calls
    return median([some() for _ in range(1 if check else max(least, min(50, int(0.5/(once*calls)))))])

def share_of(call, seconds, flops, size, threads):
    "The median share of the machine's limit, which is measured anew before each try"
    from miniai.kernels import limits
    shares,calls = [], max(1, round(0.02/seconds))
    for _ in range(9):
        gflops,gbs = limits(threads, rounds=1)
        call()   # measuring has emptied the caches
        start = perf_counter()
        for _ in range(calls): call()
        shares.append(max(flops/gflops, size/gbs)/1e9*calls/(perf_counter() - start))
    return median(shares)

def products(engine, threads, check):
    import numpy as np, torch
    from miniai.kernels import matmul_blocked, product_into
    for kind,(n,k,m) in cases(check)[0]:
        torch.manual_seed(1)
        a,b = torch.randn(n, k, dtype=getattr(torch, kind)), torch.randn(k, m, dtype=getattr(torch, kind))
        c = torch.full((n, m), math.nan, dtype=a.dtype)
        x,y,z = a.numpy(), b.numpy(), c.numpy()
        tiny = n*m <= 50   # so small that making the result counts too
        if tiny:
            call = {'miniai': lambda: matmul_blocked(a, b), 'torch': lambda: a @ b, 'NumPy': lambda: x @ y}[engine]
        else:
            call = {'miniai': lambda: product_into(c, a, b, threads), 'torch': lambda: torch.mm(a, b, out=c),
                    'NumPy': lambda: np.matmul(x, y, out=z)}[engine]
        seconds = seconds_of(call, check)
        r = torch.as_tensor(call()) if tiny else c
        rows = slice(0, min(n, 500))
        exact,scale = a[rows].double() @ b.double(), a[rows].double().abs() @ b.double().abs()
        assert ((r[rows] - exact).abs() <= k*torch.finfo(a.dtype).eps*scale).all(), (engine, kind, (n,k,m))
        ours = engine == 'miniai' and kind == 'float32' and not check
        share = share_of(call, seconds, 2*n*k*m, 4*(n*k + k*m + n*m), threads) if ours else None
        yield f'{n} × {k} @ {k} × {m}, {kind}', seconds, share

def draws(engine, threads, check):
    import numpy as np, torch
    import miniai.random as mr
    ours,g = mr.Random(1), np.random.default_rng(1)
    for what,kind,n in cases(check)[1]:
        x = torch.full((n,), -1, dtype=getattr(torch, kind))
        z,t = x.numpy(), np.dtype(kind)
        call = {
            ('uniform', 'miniai'): lambda: ours.uniform_(x), ('uniform', 'torch'): lambda: x.uniform_(),
            ('uniform', 'NumPy'): lambda: g.random(out=z, dtype=t),
            ('normal', 'miniai'): lambda: ours.randn(n, dtype=x.dtype), ('normal', 'torch'): lambda: x.normal_(),
            ('normal', 'NumPy'): lambda: g.standard_normal(out=z, dtype=t),
            ('permutation', 'miniai'): lambda: ours.randperm(n), ('permutation', 'torch'): lambda: torch.randperm(n, out=x),
            ('permutation', 'NumPy'): lambda: g.permutation(n)}[what, engine]
        seconds = seconds_of(call, check)
        if engine == 'miniai' and what == 'uniform':
            one = mr.WichmannHill(7)
            ours.set_state(one.rnd_state)
            call()
            want = torch.tensor([one.rand() for _ in range(min(n, 10**5))], dtype=torch.float64)
            if kind == 'float32': want = (want*2**24).floor()/2**24
            assert (x[:len(want)].double() == want).all(), (what, kind, n)
            one.jump(n - len(want))
            assert ours.rnd_state == one.rnd_state
        r = torch.as_tensor(call()).double()
        if what == 'uniform': assert 0 <= r.min() and r.max() < 1 and abs(r.mean() - 1/2) < 5*(n*12)**-.5
        if what == 'normal': assert abs(r.mean()) < 5*n**-.5 and abs((r*r).mean() - 1) < 5*(n/2)**-.5
        if what == 'permutation': assert (r.sort()[0] == torch.arange(n)).all() and (r != torch.arange(n)).any()
        yield f'{n:,} {what}, {kind}', seconds, None

class Rows:
    "Random numbers, labelled by their place; slow: some 0.2 ms of Python for each"
    def __init__(self, n, slow):
        import torch
        self.x,self.y,self.slow = torch.rand(n, 784), torch.arange(n), slow
    def __len__(self): return len(self.x)
    def __getitem__(self, i):
        if self.slow: sum(range(12_000))
        return self.x[i], self.y[i]

def epochs(engine, threads, check):
    "Shuffled batches of rows, through each DataLoader"
    import torch
    import miniai.training as mt
    if engine == 'NumPy' or threads > 1: return   # workers have one thread each
    for what,n,bs,workers in cases(check)[2]:
        rows,Loader = Rows(n, what == 'slow rows'), {'miniai': mt.DataLoader, 'torch': torch.utils.data.DataLoader}[engine]
        loader = Loader(rows, bs, shuffle=True, num_workers=workers)
        def call():
            for batch in loader: pass
        seconds = seconds_of(call, check, 3)
        batches = list(loader)
        x,y = map(torch.cat, zip(*batches))
        assert all(len(yb) == bs for _,yb in batches[:-1]) and len(batches) == math.ceil(n/bs), (engine, what, bs, workers)
        assert (x == rows.x[y]).all() and (y.sort()[0] == torch.arange(n)).all() and (y != torch.arange(n)).any()
        yield f'{n:,} {what} by {bs}, {workers} worker{"s"*(workers != 1)}', seconds, None

def fits(engine, threads, check):
    "A batch's share of an epoch of training by our Learner, and by a bare loop: both count accuracy and loss, and show a bar"
    if engine != 'miniai': return
    import torch
    from torch import nn, optim
    from torch.nn import functional as F
    from tqdm import tqdm
    from miniai.conv import conv
    from miniai.datasets import DataLoaders
    from miniai.learner import Accuracy, Learner, MetricsCB, ProgressCB, TrainCB
    for what,bs,n in cases(check)[3]:
        batches = [(torch.rand(bs, 1, 28, 28), torch.randint(10, (bs,))) for _ in range(n)]
        def bare(net):
            opt,right,total,count = optim.SGD(net.parameters(), lr=0.1), 0, 0, 0
            net.train()
            bar = tqdm(batches)
            for xb,yb in bar:
                preds = net(xb)
                loss = F.cross_entropy(preds, yb)
                loss.backward()
                opt.step()
                opt.zero_grad()
                right += (preds.argmax(dim=1) == yb).sum().item()
                total += loss.item()*len(xb)
                count += len(xb)
                bar.set_postfix_str(f'{loss:.3f}', refresh=False)
            print(right/count, total/count)
            return right/count, total/count
        def ours(net):
            metrics = MetricsCB(accuracy=Accuracy())
            learn = Learner(net, DataLoaders(batches, []), F.cross_entropy, lr=0.1, cbs=[TrainCB(), metrics, ProgressCB()])
            learn.fit(1, valid=False)
            return [metrics.all_metrics[k].compute() for k in ('accuracy', 'loss')]
        def net():
            torch.manual_seed(1)
            return nn.Sequential(conv(1, 8), conv(8, 16), conv(16, 32), conv(32, 32), conv(32, 10, act=False), nn.Flatten())
        fits,nets,results,times = {'miniai': ours, 'torch': bare}, {}, {}, {}
        for e,fit in fits.items():
            nets[e],times[e] = net(), []
            results[e] = [*map(torch.as_tensor, fit(nets[e])), *nets[e].parameters()]
        for a,b in zip(*results.values()): assert torch.allclose(a.double(), b.double(), rtol=1e-3, atol=1e-5), (what, bs)
        for turn in range(1 if check else 12):
            for e in sorted(fits, reverse=turn % 2 == 1):
                start = perf_counter()
                fits[e](nets[e])
                times[e].append((perf_counter() - start)/n)
        yield f'a batch of a fit, small CNN, {bs} rows', {e: median(t) for e,t in times.items()}, None

def child(engine, threads, check):
    "All cases of one engine, in this process"
    with redirect_stdout(sys.stderr):   # progress and metrics go there
        out = {name: dict(seconds=s, share=share) for part in (epochs, fits, products, draws)
               for name,s,share in part(engine, threads, check)}
    if engine == 'miniai':
        from miniai.kernels import ENGINES, limits
        kernels = [f for *products,_ in ENGINES.values() for f in products]
        if check: out['compiled'] = sum(sum(f.stats.cache_misses.values()) for f in kernels)
        else: out['limits'] = limits(threads)
    print(json.dumps(out))

def spawn(engine, threads, check):
    env = os.environ | {name: str(threads) for name in (
        'OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'NUMBA_NUM_THREADS')}
    said = subprocess.run([sys.executable, __file__, '--child', engine, str(threads), *['--check']*check],
                          env=env, capture_output=True, text=True)
    if said.returncode: sys.exit(f'{engine}, {threads} threads:\n{said.stderr}')
    return json.loads(said.stdout)

def summary(runs, threads):
    "For each case: medians, ratio to the faster peer with its spread, share of what the machine can do"
    for name,case in runs['miniai'][0].items():
        turns = isinstance(case['seconds'], dict)   # both engines in one process
        if turns: times = {e: [r[name]['seconds'][e] for r in runs['miniai']] for e in case['seconds']}
        else: times = {e: [r[name]['seconds'] for r in rs] for e,rs in runs.items() if name in rs[0]}
        ours,(best,peer) = median(times['miniai']), min((median(t), e) for e,t in times.items() if e != 'miniai')
        pairs = zip(times[peer], times['miniai']) if turns else [(t, o) for t in times[peer] for o in times['miniai']]
        ratios = [t/o for t,o in pairs]
        yield dict(case=name, threads=threads, seconds={e: median(t) for e,t in times.items()}, peer=peer,
                   ratio=median(ratios) if turns else best/ours, spread=[min(ratios), max(ratios)],
                   share=case['share'] and median([r[name]['share'] for r in runs['miniai']]))

def table(rows):
    yield '| case | threads | miniai | torch | NumPy | ratio to the faster (spread) | share of the limit |'
    yield '|---|--:|--:|--:|--:|--:|--:|'
    for r in rows:
        t = ' | '.join(f'{r["seconds"][e]*1e6:,.1f} µs' if e in r['seconds'] else '' for e in ENGINES)
        share = f'{r["share"]:.0%}' if r['share'] else ''
        yield f'| {r["case"]} | {r["threads"]} | {t} | {r["ratio"]:.2f} ({r["spread"][0]:.2f}–{r["spread"][1]:.2f}) | {share} |'

def picture(rows, path):
    import matplotlib
    matplotlib.use('Agg')
    from matplotlib import pyplot as plt
    fig,ax = plt.subplots(figsize=(7, 0.3*len(rows)/2 + 1), layout='constrained')
    names = list(dict.fromkeys(r['case'] for r in rows))
    for k,threads in enumerate(sorted({r['threads'] for r in rows})):
        mine = [r for r in rows if r['threads'] == threads]
        at = [names.index(r['case']) + 0.15*(2*k - 1) for r in mine]
        ax.hlines(at, [r['spread'][0] for r in mine], [r['spread'][1] for r in mine], color=f'C{k}', alpha=0.4)
        ax.plot([r['ratio'] for r in mine], at, 'o', ms=4, c=f'C{k}', label=f'{threads} thread{"s"*(threads > 1)}')
    ax.axvline(1, c='0.4', lw=1)
    ax.set(xscale='log', yticks=range(len(names)), xlabel='how many times as fast as the faster of torch and NumPy')
    ax.set_xticks([0.5, 1, 2, 5, 10], labels=['0.5', '1', '2', '5', '10'])
    ax.set_yticklabels(names, fontsize=8)
    ax.minorticks_off()
    ax.invert_yaxis()
    ax.grid(alpha=0.3)
    ax.legend(fontsize=8)
    fig.savefig(path, dpi=100, pil_kwargs={'optimize': True})

def processor():
    try: return next(l.split(':')[1].strip() for l in open('/proc/cpuinfo') if l.startswith('model name'))
    except (OSError, StopIteration): return platform.processor() or platform.machine()

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--check', action='store_true', help='only check the answers, small')
    ap.add_argument('--rounds', type=int, default=5, help='how often each engine takes its turn')
    ap.add_argument('--only', default='', help="a part: '2048', '784', 'uniform' ...")
    ap.add_argument('--threads', type=int, nargs='*', default=sorted({1, min(2, os.cpu_count() or 1)}))
    ap.add_argument('--out', type=Path, default=here, help='folder for results.json and results.png')
    ap.add_argument('--child', nargs=2, help=argparse.SUPPRESS)
    args = ap.parse_args()
    if args.only: os.environ['BENCH_ONLY'] = args.only   # the children see it too
    if args.child: return child(args.child[0], int(args.child[1]), args.check)
    if args.check:
        said = [spawn(e, t, True) for e in ENGINES for t in (1, 2)]
        assert said[1].pop('compiled') == 0, 'the kernels were compiled again: numba did not find them on disk'
        return print(f'{sum(map(len, said)) - 1} answers checked: all right')
    rows,limits = [], {}
    for threads in args.threads:
        runs = {e: [] for e in ENGINES}
        for i in range(args.rounds):
            for e in ENGINES:
                print(f'{threads} threads, round {i+1} of {args.rounds}: {e}', file=sys.stderr)
                runs[e].append(spawn(e, threads, False))
        limits[threads] = [median(x) for x in zip(*(r.pop('limits') for r in runs['miniai']))]
        rows += summary(runs, threads)
    import numba, numpy, torch
    about = dict(date=str(date.today()), processor=processor(), cores=os.cpu_count(), rounds=args.rounds,
                 limits={t: dict(gflops=g, gb_per_s=b) for t,(g,b) in limits.items()},
                 versions=dict(python=platform.python_version(), torch=torch.__version__, numpy=numpy.__version__, numba=numba.__version__))
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out/'results.json').write_text(json.dumps(dict(about, results=rows), indent=1) + '\n')
    if drawn := [r for r in rows if 'NumPy' in r['seconds']]: picture(drawn, args.out/'results.png')
    print(f'{about["processor"]}, {about["date"]}')
    for t,(g,b) in limits.items(): print(f'{t} thread{"s"*(t > 1)}: {g:.0f} GFLOP/s, {b:.1f} GB/s at most')
    print(*table(rows), sep='\n')

if __name__ == '__main__': main()
