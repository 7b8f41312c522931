"""Run batteries of randomness tests on our generator and torch's: 32 bits of each float64, through a pipe.

    python benchmarks/battery.py SmallCrush          ten seconds each
    python benchmarks/battery.py Crush BigCrush      an hour and more each; these three need TestU01 (Debian: libtestu01-0-dev)
    python benchmarks/battery.py dieharder           half an hour each; needs dieharder
"""
import os, re, shutil, subprocess, sys

def draw(engine):
    "Endless words for a pipe"
    import torch
    from miniai.random import WichmannHill
    fill = WichmannHill(42).uniform_ if engine == 'ours' else torch.Tensor.uniform_
    torch.manual_seed(42)
    x = torch.empty(2**18, dtype=torch.float64)
    try:
        while True: sys.stdout.buffer.write((fill(x).numpy()*2**32).astype('uint32').tobytes())
    except BrokenPipeError: os._exit(0)   # else Python would complain of the pipe again when it ends

def testu01(battery):
    from ctypes import CDLL, c_void_p
    lib = CDLL('libtestu01.so.0')
    lib.ufile_CreateReadBin.restype = c_void_p
    getattr(lib, f'bbattery_{battery}')(c_void_p(lib.ufile_CreateReadBin(b'/dev/stdin', 65536)))

def summary(battery, said):
    "What a battery found, from all that it printed"
    if battery == 'dieharder':
        results = re.findall(r'^.*\|\s*(PASSED|WEAK|FAILED)\s*$', said, re.M)
        odd = re.findall(r'^.*(?:WEAK|FAILED)', said, re.M)
        return '\n'.join([', '.join(f'{results.count(k)} {k}' for k in ('PASSED', 'WEAK', 'FAILED')), *odd])
    twice = re.search(r'BirthdaySpacings.*?observed number +: +(\d+)', said, re.S)[1]
    found = re.split(r'Total CPU time.*\n', said)[-1].strip()
    return re.sub(r'\n\s*\n+', '\n', found) + f'\nFirst BirthdaySpacings: {twice} distances that occur twice'

def run(battery, engine):
    command = ['dieharder', '-a', '-g', '200'] if battery == 'dieharder' else [sys.executable, __file__, '--testu01', battery]
    if not shutil.which(command[0]): sys.exit('dieharder is not installed')
    source = subprocess.Popen([sys.executable, __file__, '--draw', engine], stdout=subprocess.PIPE)
    test = subprocess.run(command, stdin=source.stdout, capture_output=True, text=True)
    source.stdout.close()
    if source.wait() or test.returncode: sys.exit((test.stderr or test.stdout).strip() or 'the source of numbers broke off')
    return summary(battery, test.stdout)

if __name__ == '__main__':
    if sys.argv[1:2] == ['--draw']: draw(sys.argv[2])
    elif sys.argv[1:2] == ['--testu01']: testu01(sys.argv[2])
    elif not sys.argv[1:] or '-h' in sys.argv[1] or set(sys.argv[1:]) - {'SmallCrush', 'Crush', 'BigCrush', 'dieharder'}: sys.exit(__doc__)
    else:
        for battery in sys.argv[1:]:
            for engine in ('ours', 'torch'): print(f'== {battery}, {engine}\n{run(battery, engine)}', flush=True)
