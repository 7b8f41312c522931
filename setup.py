import re
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup

root = Path(__file__).parent
ini = ConfigParser(delimiters='=')
ini.read(root/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
lib = cfg['lib_name']

def absolute(text):
    "Links to files of the repository, as seen from anywhere, such as PyPI's page; fenced code stays as it is"
    github = 'https://{}/' + '{user}/{repo}/'.format(**cfg)
    page = github.format('github.com') + f"blob/{cfg['branch']}/"
    raw = github.format('raw.githubusercontent.com') + f"{cfg['branch']}/"
    def sub(m): return m[1] + (raw if m[2].endswith(('.png', '.svg')) else page) + m[2]
    parts = re.split(r'(^```.*?^```)', text, flags=re.M | re.S)
    parts[::2] = [re.sub(r'(\]\(|(?:href|src)=")([^\s)"#:]+)', sub, p) for p in parts[::2]]
    return ''.join(parts)

setup(
    name=lib,
    version=cfg['version'],
    description=cfg['description'],
    long_description=absolute((root/'README.md').read_text(encoding='utf-8')),
    long_description_content_type='text/markdown',
    author=cfg['author'],
    keywords=cfg['keywords'].split(),
    license_expression=cfg['license'],
    classifiers=cfg['classifiers'].strip().split('\n'),
    python_requires='>=' + cfg['min_python'],
    packages=[lib],
    install_requires=cfg['requirements'].split(),
    extras_require={'dev': cfg['dev_requirements'].split()},
    entry_points={
        'console_scripts': cfg['console_scripts'].split(),
        'nbdev': [f'{lib}={lib}._modidx:d'],
    },
)
