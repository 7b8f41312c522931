from importlib.metadata import PackageNotFoundError, version

try: __version__ = version('miniai')
except PackageNotFoundError: __version__ = '0+unknown'   # a copy on the path that nobody installed
