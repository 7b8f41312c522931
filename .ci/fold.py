"""In exported cells, `#| code-fold: true` without its colon: nbdev 2 would leave the line in the module, nbdev 3 would not; Quarto gets
the colon back from nbdev-docs. With --check only say where."""
import json, re, sys
from pathlib import Path

fold = re.compile(r'^#\|\s*code-fold:\s*', re.M)
found = []
for path in sorted((Path(__file__).parents[1]/'nbs').glob('*.ipynb')):
    nb = json.loads(path.read_text(encoding='utf-8'))
    for i,c in enumerate(nb['cells']):
        src = ''.join(c['source'])
        if c['cell_type'] == 'code' and re.search(r'^#\|\s*exports?\b', src, re.M) and fold.search(src):
            found.append(f'{path.name}, cell {i}')
            c['source'] = fold.sub('#| code-fold ', src, count=1).splitlines(True)
    if '--check' not in sys.argv: path.write_text(json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + '\n', encoding='utf-8', newline='\n')
if '--check' in sys.argv and found: sys.exit('\n'.join([*found, 'an exported cell has `#| code-fold:`, which nbdev 2 leaves in the module. Mend with: python .ci/fold.py']))
